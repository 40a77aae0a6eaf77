/**
 * What an operator may hold Weft to: of each resource what was acknowledged last, and what was asked for since without an answer.
 * Pure. A state that is neither is a loss.
 */

/** What of a resource is compared, as text; null: it is deleted. */
export type Wanted = string | null;

interface Entry {
  readonly sure: Wanted;
  /** Asked for after that, with an answer that never came: each may have been done or not. */
  readonly unsure: readonly Wanted[];
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();

  acknowledged(resource: string, wanted: Wanted): void {
    this.#entries.set(resource, { sure: wanted, unsure: [] });
  }

  unanswered(resource: string, wanted: Wanted): void {
    const { sure, unsure } = this.#entries.get(resource) ?? { sure: null, unsure: [] };
    this.#entries.set(resource, { sure, unsure: [...unsure, wanted] });
  }

  /** Every resource that is not as it was acknowledged, or that nobody asked for, in words. */
  losses(actual: ReadonlyMap<string, string>): string[] {
    const names = new Set([...this.#entries.keys(), ...actual.keys()]);
    return [...names].toSorted().flatMap((name) => {
      const { sure, unsure } = this.#entries.get(name) ?? { sure: null, unsure: [] };
      const is = actual.get(name) ?? null;
      if (is === sure || unsure.includes(is)) return [];
      const might = unsure.length === 0 ? "" : `, or ${unsure.map(textOf).join(" or ")}`;
      return [`${name} is ${textOf(is)}, and was acknowledged as ${textOf(sure)}${might}`];
    });
  }
}

function textOf(wanted: Wanted): string {
  return wanted ?? "not there";
}
