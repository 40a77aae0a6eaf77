/** How slots change hands without traffic for nobody, and how things go when nothing asks for them any more. */
import { slotsKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../admit/world.test-kit.ts";
import { mayLeave } from "../provision/may-leave.ts";
import type { StitchStep } from "./step.ts";
import { StitchWorld, now } from "./world.test-kit.ts";

const inside = network("inside", ["10.1.0.0/16", "fd00:1::/64"]);
const outside = network("outside", ["10.2.0.0/16", "fd00:2::/64"]);
const clients = [1, 2, 3].map((n) => workload(`client-${n}`, [{ network: "inside" }]));
const edge = (replicas: number) => [
  inside,
  outside,
  ...clients,
  group("fw", { replicas }),
  chain("edge", "inside", "outside", ["fw"]),
];
const kinds = (steps: readonly StitchStep[]) => new Set(steps.map(({ kind }) => kind));
const owned = (world: StitchWorld) => new Set(world.slots("fw")?.owners);

describe("slots that change hands", () => {
  it("pass one phase after the other, each waiting for whoever it is about", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(...edge(2)).settle();
    const before = world.slots("fw");
    const policies = world.seen.network.policies.length;
    const phase = () => world.slots("fw")?.handoffs.map((handoff) => handoff.phase);
    expect(kinds(world.shards("fw-1").round())).toEqual(new Set(["putSlots"]));
    expect(world.slots("fw")).toMatchObject({
      version: before?.version,
      owners: before?.owners,
      handoffs: [{ id: 1, from: "fw-0", to: "fw-1", fromGone: false, phase: "freeze", startedAt: now }],
    });
    expect(world.slots("fw")?.handoffs[0]?.slots).toHaveLength(128);
    expect(world.follow().round()).toEqual([]);
    expect(world.steer("fw-1").round().length && phase()).toEqual(["arm"]);
    expect(world.follow().steer("fw-1").round()).toEqual([]);
    expect(world.seen.network.policies).toHaveLength(policies);
    expect(kinds(world.steer().round())).toContain("createPolicy");
    expect(phase()).toEqual(["switch"]);
    expect(kinds(world.steer().round())).not.toContain("putSlots");
    world.follow().steer("fw-0").round();
    expect(phase()).toEqual(["drain"]);
    expect(owned(world)).toEqual(new Set(["fw-0", "fw-1"]));
    world.steer("fw-0").settleBut("fw-0");
    expect(phase()).toEqual(["drain"]);
    world.settle();
    expect(world.slots("fw")?.handoffs).toEqual([]);
    expect(world.seen.stitched.get("demo.chain.edge")?.value).toMatchObject({
      state: "programmed",
      slots: { fw: (before?.version ?? 0) + 1 },
    });
  });

  it("never begin with a shard whose shim is not there", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(...edge(2)).shards("fw-1").seen.shims = new Map();
    world.round();
    expect(world.slots("fw")?.handoffs).toEqual([]);
  });

  it("are settled for a new target when the world changes meanwhile", () => {
    const world = new StitchWorld(...edge(3)).shards("fw-0").settle();
    world.shards("fw-1").round();
    world.shards("fw-2").round();
    world.fail("fw-1").round();
    world.settle();
    expect(owned(world)).toEqual(new Set(["fw-0", "fw-2"]));
  });

  it("hold a shard that was only to have them, until no chassis sends to it any more", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.frozen.add("node-1");
    world.apply(...edge(2)).shards("fw-1");
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    expect(world.slots("fw")?.handoffs).toMatchObject([{ from: "fw-0", to: "fw-1", phase: "switch" }]);
    world.apply(...edge(1));
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    expect(world.slots("fw")?.handoffs).toMatchObject([{ from: "fw-0", to: "fw-1", phase: "switch" }]);
    world.frozen.clear();
    world.settle();
    expect(world.slots("fw")?.handoffs).toEqual([]);
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });

  it("come back to a shard whose chassis was fenced only once a chassis has its ports again", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.fail("fw-1").settle();
    world.unbind("fw-1").shards("fw-1").steer().round();
    for (let rounds = 0; rounds < 5; rounds += 1) world.steer().round();
    expect(world.slots("fw")?.handoffs).toEqual([]);
    world.settle();
    expect(owned(world)).toEqual(new Set(["fw-0", "fw-1"]));
  });

  it("ask a receiver that failed to forget only once no chassis sends to it any more", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.frozen.add("node-1");
    world.apply(...edge(2)).shards("fw-1");
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    world.fail("fw-1");
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    const loss = { from: "fw-1", to: "fw-1", fromGone: true };
    expect(world.slots("fw")?.handoffs).toMatchObject([{ ...loss, phase: "drain" }]);
    world.frozen.clear();
    world.follow().round();
    expect(world.slots("fw")?.handoffs).toMatchObject([{ ...loss, phase: "done" }]);
    world.steer().round();
    expect(world.slots("fw")?.handoffs).toEqual([]);
  });

  it("hold a receiver that left and died, with nobody there to follow it, until no chassis sends to it", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.frozen.add("node-1");
    world.apply(...edge(2)).shards("fw-1");
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    world.apply(...edge(1)).round();
    world.fail("fw-0").fail("fw-1");
    for (let rounds = 0; rounds < 5; rounds += 1) world.follow().steer().round();
    const loss = { from: "fw-1", to: "fw-1", fromGone: true, phase: "drain" };
    expect(world.slots("fw")?.handoffs).toMatchObject([loss]);
    expect(owned(world)).toEqual(new Set(["fw-0"]));
    world.frozen.clear();
    world.settle();
    expect(world.slots("fw")?.handoffs).toEqual([]);
  });

  it("stay with a shard that left and died for as long as another drains them: the next one is armed first", () => {
    const world = new StitchWorld(...edge(3)).shards("fw-0", "fw-1", "fw-2").settle();
    world.apply(...edge(2)).round();
    const phases = () => new Set(world.slots("fw")?.handoffs.map(({ phase }) => phase));
    for (let rounds = 0; rounds < 9 && !phases().has("drain"); rounds += 1) world.follow().steer().round();
    const drained = world.slots("fw")?.handoffs.find(({ to }) => to === "fw-1")?.slots ?? [];
    expect(drained).not.toEqual([]);
    world.apply(...edge(1)).seen.shims = new Map();
    world.fail("fw-1").round();
    const owners = world.slots("fw")?.owners ?? [];
    expect(new Set(drained.map((slot) => owners[slot]))).toEqual(new Set(["fw-1"]));
    expect(owners.filter((owner) => owner === "fw-1")).toHaveLength(drained.length);
    world.follow().steer("fw-2").round();
    const next = { from: "fw-1", to: "fw-0", fromGone: true, phase: "arm", slots: drained };
    expect(world.slots("fw")?.handoffs).toContainEqual(expect.objectContaining(next));
  });

  it("stay with a shard that is leaving until no chassis sends to it", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.frozen.add("node-1");
    world.apply(...edge(1));
    for (let rounds = 0; rounds < 5; rounds += 1) {
      world.round();
      world.follow().steer();
    }
    expect(owned(world)).toContain("fw-1");
    world.frozen.clear();
    world.follow().settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });

  it("do not wait for the chassis of a node that is lost", () => {
    const world = new StitchWorld(...edge(3)).shards("fw-0", "fw-1", "fw-2").settle();
    world.frozen.add("node-1");
    const gone = [...world.seen.placements.values()].flatMap(({ value }) =>
      value.kind === "shard" && value.node === "node-1" ? [value.name] : [],
    );
    world
      .loseNode("node-1")
      .fail(...gone)
      .settle();
    for (const name of gone) expect(owned(world)).not.toContain(name);
    expect(world.seen.stitched.get("demo.chain.edge")?.value.state).toBe("programmed");
  });

  it("stay where they are while nobody is ready, and with nobody when their shard is gone too", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.fail("fw-0").settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
    expect(world.seen.stitched.get("demo.chain.edge")?.value).toMatchObject({
      state: "waiting",
      message: "fw has no ready shard",
    });
    world.seen.placements = new Map([...world.seen.placements].filter(([key]) => key !== "demo.shard.fw-0"));
    world.settle();
    expect(owned(world)).toEqual(new Set([null]));
  });

  it("never go to a shard that is not ready, or whose verdict is about an earlier one", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0").settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
    const placement = world.seen.placements.get("demo.shard.fw-1");
    if (placement?.value.kind !== "shard") throw new Error("no such shard");
    world.shards("fw-1");
    const other = { ...placement, value: { ...placement.value, uid: "another" } };
    world.seen.placements = new Map([...world.seen.placements, ["demo.shard.fw-1", other]]);
    world.settle();
    expect(owned(world)).toEqual(new Set(["fw-0"]));
  });
});

describe("a shard that leaves and dies before it is gone", () => {
  const mayGo = (world: StitchWorld) => {
    const key = "demo.shard.fw-1";
    const { value, revision = 0 } = world.seen.placements.get(key) ?? {};
    const record = world.slots("fw");
    if (value?.kind !== "shard" || record === undefined) throw new Error("it is gone already");
    return mayLeave({ placement: value, revision }, new Map([[slotsKey("demo", "fw"), record]]));
  };
  const leavingUntil = (phase: string) => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.apply(...edge(1)).round();
    for (let rounds = 0; world.slots("fw")?.handoffs[0]?.phase !== phase; rounds += 1) {
      if (rounds > 10) throw new Error(`it never came to ${phase}`);
      world.follow().steer().round();
    }
    return world;
  };

  it("is not waited for when it was draining: its flows are lost, and it may go", () => {
    const world = leavingUntil("drain");
    expect(world.settleBut("fw-1").slots("fw")?.handoffs).toMatchObject([{ from: "fw-1", phase: "drain" }]);
    expect(mayGo(world)).toBe(false);
    world.fail("fw-1").settleBut("fw-1");
    expect(mayGo(world)).toBe(true);
    expect(world.slots("fw")?.handoffs).toMatchObject([{ from: "fw-1", fromGone: true, phase: "done" }]);
    world.schedule().settle();
    expect(world.slots("fw")?.handoffs).toEqual([]);
    expect(world.seen.placements.has("demo.shard.fw-1")).toBe(false);
  });

  it.each(["freeze", "arm", "switch"])(
    "gives up the slots that it still had as one that fails does, in phase %s",
    (phase) => {
      const world = leavingUntil(phase);
      world.fail("fw-1").settleBut("fw-1");
      expect(owned(world)).toEqual(new Set(["fw-0"]));
      expect(mayGo(world)).toBe(true);
    },
  );
});

describe("things that go", () => {
  it("a chain leaves no policy of its own, and its record goes when the chassis have followed", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(inside, outside, ...clients, group("fw"));
    world.round();
    expect(world.seen.network.policies.filter(({ key }) => key.startsWith("chain"))).toEqual([]);
    world.round();
    expect(world.seen.stitched.has("demo.chain.edge")).toBe(true);
    world.follow().settle();
    expect(world.seen.stitched.has("demo.chain.edge")).toBe(false);
  });

  it("a group keeps its slots until no policy sends to its shards", () => {
    const world = new StitchWorld(...edge(1)).shards("fw-0").settle();
    world.apply(inside, outside, ...clients);
    world.round();
    expect(world.slots("fw")).toBeDefined();
    world.follow().round();
    expect(world.slots("fw")).toBeUndefined();
  });

  it("everything goes with the last document", () => {
    const world = new StitchWorld(...edge(2)).shards("fw-0", "fw-1").settle();
    world.apply().settle();
    for (let rounds = 0; rounds < 3; rounds += 1) world.schedule().settle();
    expect(Object.values(world.seen.network).flat()).toEqual([]);
    expect(world.seen.stitched.size + world.seen.slots.size).toBe(0);
  });
});
