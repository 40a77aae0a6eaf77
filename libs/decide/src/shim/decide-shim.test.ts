/** Steps of one shim: in a safe order, none too many, and what it says of itself only what is there. */
import type { ShimRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { ShimSight } from "./decide-shim.ts";
import { decideShim } from "./decide-shim.ts";
import { idleShim } from "./idle-shim.test-kit.ts";
import type { MacPair, WantedShim } from "./wanted-shim.ts";

const [own, peer, other] = ["2", "3", "4"].map((n): MacPair => ({ in: `in-${n}`, out: `out-${n}` }));
const to = (pair: MacPair | undefined, ...slots: number[]) =>
  new Map(slots.map((slot) => [slot, pair ?? { in: "", out: "" }]));
const idle = idleShim(own ?? { in: "", out: "" });
const about: Omit<ShimRecord, "handoffs"> = {
  tenant: "demo",
  group: "fw",
  shard: "fw-0",
  node: "node-1",
  placementUid: "uid",
  namespaceInode: 7,
  flowsAtLeast: 0,
};
const nothing = {
  rulesMark: "good",
  next: new Map(),
  prev: new Map(),
  lists: new Map(),
  leftOver: false,
  waiting: false,
  published: new Map(),
  counts: new Map(),
  forgotten: new Set<number>(),
};
const sight = (change: Partial<ShimSight> = {}): ShimSight => ({
  wanted: idle,
  slotsKnown: true,
  actual: nothing,
  rulesMark: "good",
  about,
  told: { ...about, handoffs: [] },
  ...change,
});
const kinds = (change: Partial<ShimSight>) => decideShim(sight(change)).map(({ kind }) => kind);

const giving: WantedShim = {
  ...idle,
  next: to(peer, 1, 2),
  publish: [{ handoff: 3, slots: [1, 2] }],
};
const list = { handoff: 3, giver: "fw-1", placementUid: "u", slots: [1, 2], in: "in-3", out: "out-3" };
const taking: WantedShim = {
  ...idle,
  prev: to(peer, 1, 2),
  lists: [list],
  arm: [{ handoff: 3, slots: [1, 2] }],
};

describe("a shim of a namespace in which nothing passes yet", () => {
  const closed = { ...nothing, waiting: true };

  it("steers though nothing is to be steered any more: that lets packets pass", () => {
    expect(kinds({ actual: closed })).toEqual(["steer"]);
  });

  it("loads the lists first, so that nothing passes without them", () => {
    const told = { ...about, handoffs: [] };
    expect(kinds({ wanted: taking, actual: closed, told })).toEqual(["loadLists", "steer"]);
  });

  it("lists its flows before it waits for others' lists: it knows none, and gets none", () => {
    const wanted = { ...taking, next: giving.next, publish: giving.publish };
    expect(kinds({ wanted, actual: closed })).toEqual(["publishList", "loadLists", "steer"]);
  });

  it("stays as it is without the group's slots", () => {
    expect(kinds({ slotsKnown: false, actual: closed })).toEqual([]);
  });
});

describe("a shim with nothing to do", () => {
  it("is left alone, and told of once", () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({ told: undefined })).toEqual(["putShim"]);
    expect(kinds({ about: { ...about, flowsAtLeast: 64 } })).toEqual(["putShim"]);
  });

  it("is read before anything is written", () => {
    expect(kinds({ actual: undefined, wanted: giving, rulesMark: "other" })).toEqual(["readShim"]);
  });

  it("gets its rules again when they are others or gone", () => {
    expect(kinds({ actual: { ...nothing, rulesMark: "old" } })).toEqual(["loadRules"]);
    expect(kinds({ actual: { ...nothing, rulesMark: undefined }, told: undefined })).toEqual([
      "putShim",
      "loadRules",
    ]);
  });
});

describe("a giver", () => {
  it("freezes before it lists, and says what is done", () => {
    expect(kinds({ wanted: giving })).toEqual(["steer", "publishList"]);
    const frozen = { ...nothing, next: giving.next };
    expect(decideShim(sight({ wanted: giving, actual: frozen }))).toMatchObject([
      { kind: "putShim", record: { handoffs: [{ id: 3, reached: "frozen" }] } },
      { kind: "publishList", duty: { handoff: 3 } },
    ]);
    const copied = { ...frozen, published: new Map([[3, 12]]) };
    expect(decideShim(sight({ wanted: giving, actual: copied }))).toMatchObject([
      { kind: "putShim", record: { handoffs: [{ id: 3, reached: "copied", flows: 12 }] } },
    ]);
  });

  it("lists no slot whose new flows are still its own", () => {
    expect(kinds({ wanted: { ...giving, next: to(peer, 1) } })).toEqual(["steer"]);
  });

  it("lists also slots that it is about to have back: their new flows come to it, and the stream may have lost the list", () => {
    const wanted = { ...giving, next: to(peer, 1), returning: new Set([2]) };
    expect(kinds({ wanted, actual: { ...nothing, next: wanted.next } })).toContain("publishList");
    expect(kinds({ wanted: { ...wanted, returning: new Set([1]) } })).not.toContain("publishList");
  });

  it("takes its list back once the handoff is over", () => {
    expect(kinds({ actual: { ...nothing, published: new Map([[3, 12]]) } })).toEqual(["withdrawList"]);
  });
});

describe("a receiver", () => {
  it("loads the list and is steered then, and loads it again when its giver or its slots are others", () => {
    expect(kinds({ wanted: taking })).toEqual(["loadLists", "steer"]);
    const held = (change: object) => ({
      ...nothing,
      prev: taking.prev,
      lists: new Map([[3, { in: "in-3", out: "out-3", slots: [1, 2], ...change }]]),
    });
    const told = { ...about, handoffs: [{ id: 3, reached: "armed" as const }] };
    expect(kinds({ wanted: taking, actual: held({}), told })).toEqual([]);
    expect(kinds({ wanted: taking, actual: held({ slots: [1] }), told })).toContain("loadLists");
    expect(kinds({ wanted: taking, actual: held({ in: other?.in }), told })).toContain("loadLists");
  });

  it("forgets others' flows with the handoff", () => {
    const actual = { ...nothing, lists: new Map([[3, { in: "in-3", out: "out-3", slots: [1, 2] }]]) };
    expect(kinds({ actual })).toEqual(["loadLists"]);
  });
});

describe("a giver that is a receiver too", () => {
  const both: WantedShim = { ...taking, next: giving.next, publish: [{ handoff: 4, slots: [1, 2] }] };

  it("publishes what the stream has lost before it loads what others have lost too: they may wait for it", () => {
    expect(kinds({ wanted: both, actual: { ...nothing, next: both.next, prev: both.prev } })).toEqual([
      "putShim",
      "publishList",
      "loadLists",
    ]);
  });

  it("publishes lists of slots that were frozen in this round from what it knows then", () => {
    const wanted: WantedShim = {
      ...both,
      next: to(peer, 1, 2, 5),
      publish: [...both.publish, { handoff: 6, slots: [5] }],
    };
    const actual = { ...nothing, next: both.next, prev: both.prev };
    expect(kinds({ wanted, actual })).toEqual(["putShim", "publishList", "loadLists", "steer"]);
  });
});

describe("what an agent left behind", () => {
  it("goes though no list is wanted: nobody remembers whose entries they were", () => {
    expect(kinds({ actual: { ...nothing, leftOver: true } })).toEqual(["loadLists"]);
  });
});

describe("without a slots record", () => {
  it("what is in the shim stays, its rules are kept, and it is told of", () => {
    const actual = { ...nothing, rulesMark: "old", next: to(peer, 1), published: new Map([[3, 1]]) };
    expect(kinds({ slotsKnown: false, actual, told: undefined })).toEqual(["putShim", "loadRules"]);
  });
});

describe("a shard that was thought dead", () => {
  it("forgets its flows once", () => {
    const wanted = { ...idle, forget: [{ handoff: 3, slots: [1] }] };
    expect(kinds({ wanted })).toEqual(["forgetFlows"]);
    // What comes between the two is handed on, not remembered.
    expect(kinds({ wanted: { ...wanted, next: to(peer, 1) } })).toEqual(["steer", "forgetFlows"]);
    const told = { ...about, handoffs: [{ id: 3, reached: "drained" as const, flows: 0 }] };
    expect(kinds({ wanted, actual: { ...nothing, forgotten: new Set([3]) }, told })).toEqual([]);
  });
});

describe("a fault", () => {
  it("is told of even where nothing can be read", () => {
    const fault = { code: "unavailable", message: "no" };
    expect(kinds({ actual: undefined, about: { ...about, fault } })).toEqual(["putShim", "readShim"]);
  });
});
