/**
 * A shard crashes, holder and function at once, under connections through firewalls that let no packet pass of one whose beginning
 * they did not see. With `state: replicated` its peers go on with all of them; without, those of its slots break.
 */
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Load } from "../traffic/moving-world.ts";
import { MovingWorld } from "../traffic/moving-world.ts";

const load: Load = { addresses: 48, tcp: 192, silent: 96, udp: 0, push: 24, everyMs: 250 };
const patience = { withinMs: 30_000 };
const group = { replicas: 3, runtime: "docker" } as const;
let world: MovingWorld;

beforeAll(async () => {
  world = await MovingWorld.open(3, { ...group, state: "replicated" });
  await world.start(load);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

async function sumsOf(name: string) {
  const sums = (await world.summary())[name];
  if (sums === undefined) throw new Error(`no group ${name}`);
  return sums;
}

describe("a shard that crashes in a group with replicated state", () => {
  it("leaves every established connection to its peers, also what it had from another one", async () => {
    for (const nth of [0, 1]) {
      await world.window(1);
      const victim = world.ownerOf(nth);
      expect(world.addressesOf(victim)).toBeGreaterThanOrEqual(8);
      await world.crash(victim);
      await world.settled(group.replicas);
    }
    await world.window(2);
    await world.speak();
    await eventually("all was answered", async () => (await sumsOf("tcp")).lost[1] === 0, patience);
    for (const name of ["tcp", "silent"])
      expect(await sumsOf(name), name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0, breakages: [] });
    expect([(await sumsOf("tcp")).opened, (await sumsOf("silent")).opened]).toEqual([load.tcp, load.silent]);
  });

  it("leaves them also the flows in which only the server speaks", async () => {
    await world.window(3);
    await eventually("each is heard", async () => ((await sumsOf("push")).received[3] ?? 0) > 0, patience);
    const before = (await sumsOf("push")).received[3] ?? 0;
    await eventually(
      "all of them are",
      async () => ((await sumsOf("push")).received[3] ?? 0) >= before + 2 * load.push,
      patience,
    );
    await world.window(4);
    await eventually("none is lost", async () => (await sumsOf("push")).lost[3] === 0, patience);
  });
});

describe("the same without", () => {
  it("breaks the connections of its slots", async () => {
    await world.change({ ...group, state: "local" });
    await world.crash(await world.busiest());
    await world.speak();
    const broken = async () => (await sumsOf("silent")).broken;
    await eventually("they break", async () => (await broken()) >= load.silent / 8, patience);
  });
});
