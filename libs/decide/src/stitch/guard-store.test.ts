import { describe, expect, it } from "vitest";
import { guardStore } from "./guard-store.ts";
import type { StitchStep } from "./step.ts";

const create: StitchStep = {
  kind: "createSwitch",
  row: { key: "k", tenant: "demo", name: "s" },
  why: "it is not there yet",
};
const remove: StitchStep = { kind: "deleteSwitch", id: "u", key: "k", why: "nothing asks for it any more" };
const kinds = (steps: readonly StitchStep[], remembered: string | undefined) =>
  guardStore(steps, { remembered, current: "now" }).map(({ kind }) => kind);

describe("steps on the network", () => {
  it.each<[string, readonly StitchStep[], string | undefined, string[]]>([
    ["are taken as they are by the known store", [remove, create], "now", ["deleteSwitch", "createSwitch"]],
    ["are taken by the first store of all", [remove], undefined, ["rememberStore", "deleteSwitch"]],
    [
      "are taken by another store that wants no row gone",
      [create],
      "before",
      ["rememberStore", "createSwitch"],
    ],
    ["are not taken by another store that wants a row gone", [create, remove], "before", ["standStill"]],
    ["are none in a world that is as wanted", [], "now", []],
  ])("%s", (_, steps, remembered, wanted) => {
    expect(kinds(steps, remembered)).toEqual(wanted);
  });
});
