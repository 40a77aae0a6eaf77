/**
 * Slots change hands under traffic, through firewalls that let no packet pass of a connection whose beginning they did not see:
 * out and in again, nothing breaks. The same without a handoff breaks, so the traffic notices.
 */
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";

const load: Load = { addresses: 64, tcp: 256, silent: 64, udp: 64, push: 32, everyMs: 250 };
const patience = { withinMs: 30_000 };
let world: MovingWorld;

afterAll(async () => await world?.[Symbol.asyncDispose]());

/** Messages of the window of the change that had no answer. */
async function missing(name: string): Promise<number> {
  return (await world.traffic.summary())[name]?.lost[2] ?? 0;
}

async function waitFor(ms: number): Promise<void> {
  const until = Date.now() + ms;
  await eventually("the window is over", () => Date.now() >= until, { withinMs: ms + 1_000 });
}

describe("a group that grows and shrinks with a handoff", () => {
  beforeAll(async () => {
    world = await MovingWorld.open(3, { replicas: 2 });
    await world.start(load);
    await world.traffic.window(1);
    await waitFor(4_000);
  });

  it("keeps every connection, loses no more than one datagram in a hundred and shows no flow to two shards", async () => {
    expect((await world.seenTwice()).twice).toEqual([]);
    await world.traffic.window(2);
    await world.change({ replicas: 4 });
    await world.change({ replicas: 2 });
    const leaving = world.leaving().map(({ uid }) => uid);
    await world.change({ replicas: 3 });
    // What has not left yet is taken back: none of the three is new.
    expect(world.staying().filter(({ uid }) => leaving.includes(uid))).toHaveLength(1);
    await world.traffic.speak();
    await world.traffic.window(3);
    const { twice, compared } = await world.seenTwice();
    expect(twice).toEqual([]);
    expect(compared.udp).toBe(load.udp + load.push);
    await world.traffic.quiet();
    expect(world.movedShare()).toBeGreaterThanOrEqual(0.5);
    await eventually("what was under way came", async () => (await missing("tcp")) === 0, patience);
    const sums = await world.traffic.summary();
    for (const name of ["tcp", "silent", "udp", "push"])
      expect(sums[name], name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0, breakages: [] });
    expect(sums["new"]).toMatchObject({ notOpened: 0, broken: 0, wrong: 0 });
    expect([sums["tcp"]?.opened, sums["silent"]?.opened]).toEqual([load.tcp, load.silent]);
    // Two cores that start shards meanwhile may lose one; how many exactly is what the bench holds against its control window.
    for (const name of ["udp", "push"])
      expect(await missing(name), name).toBeLessThanOrEqual((sums[name]?.sent[2] ?? 0) / 100);
  });
});

describe("the same group without a handoff", () => {
  it("breaks connections whose slot moves", async () => {
    const before = (await world.traffic.summary())["tcp"]?.opened;
    expect(before).toBe(load.tcp);
    await world[Symbol.asyncDispose]();
    world = await MovingWorld.open(3, { replicas: 2, drain: "0s" });
    await world.start(load);
    await world.change({ replicas: 4, drain: "0s" });
    await eventually(
      "connections break",
      async () => ((await world.traffic.summary())["tcp"]?.broken ?? 0) >= load.tcp / 4,
      patience,
    );
  });
});
