import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fateOf, markAfter } from "./slot-mark.ts";

/** The marks that a slot has, one after another, when these transactions commit in this order. */
function history(ids: readonly string[]): readonly string[] {
  const marks = ["start"];
  for (const id of ids) {
    marks.push(markAfter(id, marks.at(-1) ?? ""));
  }
  return marks;
}

const ids = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe("the fate of a transaction, read from any later mark", () => {
  it("is never wrong, and is told while fewer than eight came after it", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.boolean(), (earlier, later, committed) => {
        const before = history(ids(earlier, "a")).at(-1) ?? "";
        const first = committed ? markAfter("mine", before) : before;
        const after = ids(later, "b").reduce((mark, id) => markAfter(id, mark), first);
        const fate = fateOf({ id: "mine", before }, after);
        const truth = committed ? "committed" : later === 0 ? "open" : "never";
        expect([truth, "unknown"]).toContain(fate);
        if (later < 7) {
          expect(fate).toBe(truth);
        }
      }),
    );
  });

  it("is not told by a mark that is older, or gone", () => {
    const [first = "", second = "", third = ""] = history(["a", "b"]);
    expect(fateOf({ id: "mine", before: third }, second)).toBe("unknown");
    expect(fateOf({ id: "mine", before: first }, undefined)).toBe("unknown");
  });
});
