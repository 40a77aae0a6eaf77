/** The list of guards fits the sources: each is found exactly once, and what is left without it is a program. */
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { guards } from "./guards.ts";
import { textWithout } from "./without-guard.ts";

describe("the list of guards", () => {
  it.each(guards.map((guard) => [guard.name, guard] as const))("%s: stands where it says", (_, guard) => {
    expect(stripTypeScriptTypes(textWithout(guard))).not.toBe("");
  });

  it("names each once", () => {
    expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length);
  });

  it("is refused where a guard is not found, or found twice", () => {
    const [guard] = guards;
    if (guard === undefined) throw new Error("there is none");
    expect(() => textWithout({ ...guard, source: "no such text" })).toThrow(/is found 0 times/);
    expect(() => textWithout({ ...guard, source: "phase" })).toThrow(/is found \d+ times/);
  });
});
