/**
 * What a mark in a database tells of a transaction that wrote it, or did not. Pure.
 * A mark names the transaction that wrote it and the few before it; each transaction of a slot waits for the mark it was built upon.
 * Reading and writing marks is left to commit-slot.ts.
 */

/** So many transactions a mark names: others may use the slot so often meanwhile, and it still tells. */
const remembered = 8;

/** The mark that transaction `id` leaves where it found `before`. */
export function markAfter(id: string, before: string): string {
  return [id, ...idsOf(before)].slice(0, remembered).join(" ");
}

/**
 * `committed`: it is in. `never`: it is not in and cannot come in any more, since the mark it waits for is gone for good.
 * `open`: it is not in and may still come. `unknown`: the mark tells nothing of it.
 */
export type Fate = "committed" | "never" | "open" | "unknown";

export function fateOf(
  transaction: { readonly id: string; readonly before: string },
  mark: string | undefined,
): Fate {
  const ids = idsOf(mark ?? "");
  if (ids.includes(transaction.id)) {
    return "committed";
  }
  if (mark === transaction.before) {
    return "open";
  }
  const [head = ""] = idsOf(transaction.before);
  return ids.includes(head) ? "never" : "unknown";
}

function idsOf(mark: string): readonly string[] {
  return mark.split(" ").filter((id) => id !== "");
}
