/**
 * What runs is changed under traffic, through firewalls that let no packet pass of a connection whose beginning they did not see: a new
 * image, new rules, a drained node, and changes that fail. Nothing breaks. The same without a handoff breaks, so the traffic notices.
 */
import type { ShardPlacement } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { valuesOf } from "../bench/lab/lab-bus.ts";
import type { GroupOptions } from "../traffic/moving-documents.ts";
import { group, groupDocument, thirdNode } from "../traffic/moving-documents.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";
import { ShardImages } from "../traffic/shard-images.ts";
import { rulesIn } from "../traffic/shard-kernel.ts";
import { weftDone } from "./command-line.ts";

const load: Load = { addresses: 64, tcp: 192, silent: 32, udp: 16, push: 16, everyMs: 250 };
const asked: GroupOptions = { replicas: 2, runtime: "docker" };
const talkers = ["tcp", "silent", "new"];
const extra = { name: "extra", action: "accept", from: "inside", protocol: "tcp", ports: [7100] };
const unsound = { name: "refused", action: "drop", match: "tcp nonsense 1" };
/** Seconds that a change may take before it is taken back. */
const soon = { update: { deadline: "5s" } };

let images: ShardImages;
let world: MovingWorld;
let next = "";
let broken = "";

beforeAll(async () => {
  images = await ShardImages.open();
  next = await images.make("next", "LABEL build=next");
  broken = await images.make("broken", 'CMD ["false"]');
  world = await MovingWorld.open(3, asked);
  await world.start(load);
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await images?.[Symbol.asyncDispose]();
});

let windows = 0;

/** Every message of the change was answered, and of each connection one more since. */
async function expectUnbroken(): Promise<void> {
  windows += 1;
  await world.traffic.window(windows);
  const sums = () => world.traffic.summary();
  await eventually(
    "every connection speaks on",
    async () => {
      const { tcp } = await sums();
      if (tcp === undefined || tcp.broken > 0) return true;
      return (tcp.sent[windows] ?? 0) >= load.tcp && tcp.lost.slice(0, windows).every((count) => count === 0);
    },
    { withinMs: 30_000 },
  );
  const found = await sums();
  for (const name of talkers)
    expect(found[name], name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0, breakages: [] });
  expect([found["tcp"]?.opened, found["silent"]?.opened]).toEqual([load.tcp, load.silent]);
}

/** Follows the records for as long as something is done: how many shards stay at once, and how few share the slots. */
async function counted(doing: () => Promise<unknown>): Promise<{ most: number; fewest: number }> {
  let [most, fewest] = [0, Infinity];
  const look = () => {
    most = Math.max(most, world.staying().length);
    const owners = valuesOf(world.lab.slots).find((each) => each.group === group)?.owners;
    fewest = Math.min(fewest, new Set(owners).size);
  };
  const ends = [world.lab.placements, world.lab.slots].map(({ changed }) => changed.subscribe(look));
  look();
  await doing();
  for (const end of ends) end();
  return { most, fewest };
}

const names = (shards: readonly ShardPlacement[]) => shards.map(({ name }) => name).toSorted();

function takenBack(): string | undefined {
  const placed = valuesOf(world.lab.placements).find((each) => each.kind === "group");
  return placed?.kind === "group" ? placed.rollout?.rolledBack?.message : undefined;
}

describe("under connections that talk", () => {
  it("a new image comes to one shard at a time, none to a node that is cordoned", async () => {
    await weftDone("cordon", "node/node-1");
    const before = names(world.staying());
    const seen = await counted(() => world.change({ ...asked, image: next }, ({ image }) => image === next));
    expect(seen).toEqual({ most: asked.replicas + 1, fewest: asked.replicas });
    expect(names(world.staying()).filter((name) => before.includes(name))).toEqual([]);
    expect(world.staying().map(({ node }) => node)).not.toContain("node-1");
    await weftDone("uncordon", "node/node-1");
    await expectUnbroken();
  });

  it("new rules are loaded where the shards are", async () => {
    const before = world.staying().map(({ uid }) => uid);
    await world.change({ ...asked, image: next, rules: [extra] }, ({ config }) =>
      JSON.stringify(config).includes(extra.name),
    );
    expect(world.staying().map(({ uid }) => uid)).toEqual(before);
    for (const shard of shardsThatStay()) expect(await rulesIn(shard)).toContain("rule_extra");
    await expectUnbroken();
  });

  it("a drained node's shard has another one elsewhere before it leaves", async () => {
    expect(world.staying().map(({ node }) => node)).toContain(thirdNode);
    const seen = await counted(async () => {
      await weftDone("drain", `node/${thirdNode}`);
      await world.settled(asked.replicas, ({ node }) => node !== thirdNode);
    });
    expect(seen).toEqual({ most: asked.replicas + 1, fewest: asked.replicas });
    await weftDone("uncordon", `node/${thirdNode}`);
    await expectUnbroken();
  });

  it("an image of which no shard becomes ready is taken back, and those that work are not touched", async () => {
    const before = world.staying().map(({ uid }) => uid);
    await world.lab.apply([groupDocument({ ...asked, ...soon, image: broken, rules: [extra] })]);
    await world.lab.until("the change is taken back", () => takenBack() !== undefined);
    await world.settled(asked.replicas, ({ image }) => image === next);
    expect(world.staying().map(({ uid }) => uid)).toEqual(before);
    await expectUnbroken();
  });

  it("rules that fail their check are refused, and those of before stay", async () => {
    const rules = [extra, unsound];
    await expect(world.lab.apply([groupDocument({ ...asked, image: next, rules })])).rejects.toThrow(
      "config-refused",
    );
    for (const shard of world.runningShards()) expect(await rulesIn(shard)).not.toContain("rule_refused");
    for (const shard of shardsThatStay()) expect(await rulesIn(shard)).toContain("rule_extra");
    await world.traffic.speak();
    await expectUnbroken();
  });
});

describe("without a handoff", () => {
  it("a new image breaks connections", async () => {
    await world.change({ ...asked, drain: "0s" }, ({ image }) => image === undefined);
    await eventually(
      "connections break",
      async () => ((await world.traffic.summary())["tcp"]?.broken ?? 0) >= load.tcp / 4,
      { withinMs: 30_000 },
    );
  });
});

function shardsThatStay() {
  const staying = new Set(names(world.staying()));
  return world.runningShards().filter(({ name }) => staying.has(name));
}
