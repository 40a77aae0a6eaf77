/** Whose chassis is fenced, and whose never: tables over what is heard of the node and what its ovn-controller does. */
import type { HealthRecord, NodeRecord } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { ChassisSight } from "./stale-chassis.ts";
import { decideFences, fencesMs, watchChassis } from "./stale-chassis.ts";

const since = "2030-01-01T00:00:00.000Z";
const startMs = 1_000_000;
const fenceAfterMs = 1_000;

function world(state: "ready" | "lost") {
  const node = { name: "node-1", chassis: "host-1" } as NodeRecord; // the decision reads no more
  const verdict = { kind: "node", name: "node-1", state, since } as HealthRecord; // likewise
  const one = <T>(key: string, value: T) => new Map([[key, { value, revision: 1 }]]);
  return { nodes: one("node-1", node), health: one(nodeHealthKey("node-1"), verdict) };
}

interface Look {
  readonly afterMs: number;
  readonly compiled: number;
  /** Undefined: its row is not there. */
  readonly applied: number | undefined;
  readonly state?: "ready" | "lost";
}

/** It was seen to follow while all was well. */
const well: readonly Look[] = [3, 4].map((nb) => ({
  afterMs: nb - 100,
  compiled: nb,
  applied: nb,
  state: "ready",
}));

/** What is fenced at the end of these looks. */
function fenced(later: readonly Look[], deleted: readonly string[] = []): string[] {
  return fencedOf([...well, ...later], deleted);
}

function fencedOf(looks: readonly Look[], deleted: readonly string[] = []): string[] {
  let sights: ReadonlyMap<string, ChassisSight> = new Map();
  let removed: string[] = [];
  for (const { afterMs, compiled, applied, state = "lost" } of looks) {
    const seen = world(state);
    const progress = { compiled, applied: new Map(applied === undefined ? [] : [["host-1", applied]]) };
    sights = watchChassis(sights, { ...seen, progress }, startMs + afterMs);
    const deletedAtMs = new Map(deleted.map((removal) => [removal, 0]));
    removed = decideFences({ ...seen, sights, deletedAtMs }, startMs + afterMs).map(({ chassis }) => chassis);
  }
  return removed;
}

describe("the chassis of a lost node", () => {
  const still = (afterMs: number): Look => ({ afterMs, compiled: 5, applied: 4 });

  it("is fenced once it has had old policies for long enough, and not a moment before", () => {
    expect(fenced([still(0), still(fenceAfterMs - 1)])).toEqual([]);
    expect(fenced([still(0), still(fenceAfterMs)])).toEqual(["host-1"]);
  });

  it.each<[string, readonly Look[]]>([
    [
      "that has applied all there is",
      [
        { ...still(0), applied: 5 },
        { ...still(9_000), applied: 5 },
      ],
    ],
    [
      "whose ovn-controller follows slowly",
      [still(0), { afterMs: 900, compiled: 9, applied: 6 }, { afterMs: 1_800, compiled: 9, applied: 7 }],
    ],
    [
      "that had caught up meanwhile",
      [still(0), { ...still(900), applied: 5 }, { afterMs: 1_100, compiled: 6, applied: 5 }],
    ],
    [
      "whose row is not there",
      [
        { ...still(0), applied: undefined },
        { ...still(9_000), applied: undefined },
      ],
    ],
    ["that is heard again", [still(0), still(900), { ...still(1_100), state: "ready" }]],
  ])("%s is left alone", (_, looks) => {
    expect(fenced(looks)).toEqual([]);
  });

  it("that hung before its node was lost has its time from then on", () => {
    const hung = [0, 5_000].map((afterMs): Look => ({ ...still(afterMs), state: "ready" }));
    expect(fenced([...hung, still(5_100), still(5_100 + fenceAfterMs - 1)])).toEqual([]);
    expect(fenced([...hung, still(5_100), still(5_100 + fenceAfterMs)])).toEqual(["host-1"]);
  });

  it("that was never seen to follow is left alone: the databases were away, and it may be waiting to ask them again", () => {
    expect(fencedOf([still(0), still(fenceAfterMs), still(60_000)])).toEqual([]);
  });

  it("is looked at when its time is over", () => {
    const seen = { ...world("lost"), progress: { compiled: 5, applied: new Map([["host-1", 4]]) } };
    const known = { applied: 4, follows: true, stillSinceMs: undefined };
    expect(fencesMs(watchChassis(new Map([["host-1", known]]), seen, startMs))).toEqual([
      startMs + fenceAfterMs,
    ]);
    expect(fencesMs(watchChassis(new Map(), seen, startMs))).toEqual([]);
  });

  it("that is heard is left alone, however long it hangs", () => {
    expect(fenced([0, 10_000, 100_000].map((afterMs) => ({ ...still(afterMs), state: "ready" })))).toEqual(
      [],
    );
  });

  it("is fenced once for each loss: an ovn-controller that makes its row anew lives", () => {
    expect(fenced([still(0), still(fenceAfterMs)], [`host-1 lost ${since}`])).toEqual([]);
    expect(fenced([still(0), still(fenceAfterMs)], ["host-1 lost 2029-01-01T00:00:00.000Z"])).toEqual([
      "host-1",
    ]);
  });
});
