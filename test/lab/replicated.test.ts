/**
 * A shard crashes, holder and function at once, under connections through firewalls that let no packet pass of one whose beginning
 * they did not see. With `state: replicated` its peers go on with all of them; without, those of its slots break.
 */
import { eventually } from "@weft/testkit";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backRule, group as fw, tenant } from "../traffic/moving-documents.ts";
import { weftJson } from "./command-line.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";

const load: Load = { addresses: 48, tcp: 192, silent: 96, udp: 0, push: 24, everyMs: 250 };
const patience = { withinMs: 30_000 };
const group = { replicas: 3, runtime: "docker", rules: [backRule] } as const;
const Shown = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});
let world: MovingWorld;

beforeAll(async () => {
  world = await MovingWorld.open(3, { ...group, state: "replicated" });
  await world.start(load);
  await world.traffic.startBack(load.addresses, load.everyMs);
  await eventually("peers know all connections", isKept, patience);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

/** As an operator would ask. */
async function isKept(): Promise<boolean> {
  const { status } = Shown.parse(await weftJson("get", "fg", fw, "--tenant", tenant));
  return status.conditions.some(({ type, status: holds }) => type === "Replicated" && holds === "True");
}

async function sumsOf(name: string) {
  const sums = (await world.traffic.summary())[name];
  if (sums === undefined) throw new Error(`no group ${name}`);
  return sums;
}

describe("a shard that crashes in a group with replicated state", () => {
  it("leaves every established connection to its peers, also what it had from another one", async () => {
    for (const nth of [0, 1]) {
      await world.traffic.window(1);
      const victim = world.ownerOf(nth);
      expect(world.addressesOf(victim)).toBeGreaterThanOrEqual(8);
      await world.crash(victim);
      await world.settled(group.replicas);
    }
    await world.traffic.window(2);
    await world.traffic.speak();
    const opened = { tcp: load.tcp, silent: load.silent, back: load.addresses };
    for (const [name, count] of Object.entries(opened)) {
      await eventually(`${name}: all was answered`, async () => (await sumsOf(name)).lost[1] === 0, patience);
      const whole = { opened: count, notOpened: 0, broken: 0, wrong: 0, breakages: [] };
      expect(await sumsOf(name), name).toMatchObject(whole);
    }
  });

  it("leaves them also the flows in which only the server speaks", async () => {
    await world.traffic.window(3);
    await eventually("each is heard", async () => ((await sumsOf("push")).received[3] ?? 0) > 0, patience);
    const before = (await sumsOf("push")).received[3] ?? 0;
    await eventually(
      "all of them are",
      async () => ((await sumsOf("push")).received[3] ?? 0) >= before + 2 * load.push,
      patience,
    );
    await world.traffic.window(4);
    await eventually("none is lost", async () => (await sumsOf("push")).lost[3] === 0, patience);
  });
});

describe("the same without", () => {
  it("breaks the connections of its slots", async () => {
    await world.change({ ...group, state: "local" });
    await world.crash(await world.busiest());
    await world.traffic.speak();
    const broken = async () => (await sumsOf("silent")).broken;
    await eventually("they break", async () => (await broken()) >= load.silent / 8, patience);
  });
});
