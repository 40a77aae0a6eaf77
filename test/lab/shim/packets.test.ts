/**
 * What the shims do to packets: each case is played with all rules, and again without the rules that it is about, where it must come
 * out otherwise. Rules are those that the agent loads, on the kernel's own links; both families are in every case.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { datagramCases } from "./datagram-cases.ts";
import type { Case } from "./flow-cases.ts";
import { flowCases } from "./flow-cases.ts";
import { fullFragmentsCases, fullKnownCases, room } from "./full-cases.ts";
import { remadeCases } from "./remade-cases.ts";
import { ShimRig, shardNames } from "./rig.ts";
import type { Loading } from "./rig.ts";
import { Ends, Stage } from "./stage.ts";

const open = new AsyncDisposableStack();
let rig: ShimRig;
let ends: Ends;

beforeAll(async () => {
  rig = open.use(await ShimRig.open());
  ends = open.use(new Ends());
  await ends.listen();
});
afterAll(() => open.disposeAsync());

function play(cases: readonly Case[], sizes: Loading = {}): void {
  describe.each<Case>(cases)("$claim", ({ play: one, must, without }) => {
    it("with all rules", async () => {
      for (const shard of shardNames) await rig.load(shard, sizes);
      expect(await one(await Stage.set(rig, ends))).toEqual(must);
    });

    it.each(without)("not without $lines", async ({ lines, gives }) => {
      for (const shard of shardNames) await rig.load(shard, { ...sizes, without: lines });
      expect(await one(await Stage.set(rig, ends))).toEqual(gives);
    });
  });
}

describe("flows", () => play(flowCases));
describe("what has no flow's header", () => play(datagramCases));
describe("a namespace that was made anew", () => play(remadeCases, { waiting: true }));
describe("sets that are full", () => {
  // What another case put into a set would take its room.
  beforeEach(async () => {
    for (const shard of shardNames) await rig.remove(shard);
  });
  play(fullKnownCases, { room });
  play(fullFragmentsCases, { room, fragments: room });
});
