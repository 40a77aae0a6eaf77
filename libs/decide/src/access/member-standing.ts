/** What an agent's own access record says to it: go on, wind down, or stay out. Pure. */
import type { AccessRecord } from "@weft/schemas";

export type MemberStanding =
  | { readonly state: "member" }
  /** It was removed: what stands here goes as its placements go, and then the agent does nothing more. */
  | { readonly state: "removed"; readonly why: string }
  /** It has no business here at all. */
  | { readonly state: "stranger"; readonly why: string };

/** `uid` is of the membership that the agent carries; none for a node that never joined, such as a lab's. */
export function memberStanding(
  node: string,
  uid: string | undefined,
  record: AccessRecord | undefined,
): MemberStanding {
  const access = record?.kind === "node" ? record : undefined;
  const given = access?.membership?.uid;
  if (uid !== given) return { state: "stranger", why: given === undefined ? strange(node) : replaced(node) };
  if (access?.removedAt !== undefined)
    return { state: "removed", why: `The node ${node} was removed at ${access.removedAt}.` };
  return { state: "member" };
}

function strange(node: string): string {
  return `No host has joined as ${node}, or it was forgotten since.`;
}

function replaced(node: string): string {
  return `Another host has joined as ${node}.`;
}
