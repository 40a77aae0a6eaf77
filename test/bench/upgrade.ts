/**
 * `npm run bench -- upgrade`: what runs is changed under the load of the bench `scale`: three Docker shards get another image one after the
 * other, then other rules where they are, then one of their nodes is drained. Then another image without a handoff.
 */
import { setTimeout as delay } from "node:timers/promises";
import { nodePolicy, thirdNode } from "../traffic/moving-documents.ts";
import type { MovingWorld } from "../traffic/moving-world.ts";
import { ShardImages } from "../traffic/shard-images.ts";
import type { Bench, Figure } from "./harness/bench.ts";
import { count } from "./harness/measure.ts";
import { bounds, facts, nodes, pauseMs, runtime, underLoad, withoutHandoff } from "./lab/moving-load.ts";

const group = { replicas: nodes, runtime } as const;
const rule = { name: "extra", action: "accept", from: "inside", protocol: "tcp", ports: [7100] };

export const bench: Bench = {
  name: "upgrade",
  compares:
    "connections and datagrams through a strict firewall of three shards while it gets a new image, new rules and loses a node to a drain, with an " +
    "equally long control window of the same run, and connections with the same change of image without a handoff. In every shard a packet of a " +
    "connection whose beginning it did not see is dropped",
  bounds,
  measure: async (say) => {
    await using images = await ShardImages.open();
    const image = await images.make("next", "LABEL build=next");
    const took: Record<string, Figure> = {};
    const kept = await underLoad(group, say, async (world) => {
      for (const [name, change] of changesOf(image)) {
        say(name);
        const startedAt = Date.now();
        await change(world);
        took[`${name} until all is in force`] = { unit: "s", runs: [(Date.now() - startedAt) / 1000] };
        await delay(pauseMs);
        took[`broken by then: ${name}`] = count(await brokenIn(world));
      }
    });
    say("the same image without a handoff");
    const broken = await withoutHandoff(group, (world) =>
      world.change({ ...group, image, drain: "0s" }, (shard) => shard.image === image),
    );
    return { figures: { ...kept, ...took, ...broken }, facts: { ...facts, shards: group.replicas } };
  },
};

type Change = readonly [name: string, make: (world: MovingWorld) => Promise<void>];

function changesOf(image: string): Change[] {
  return [
    ["new image", (world) => world.change({ ...group, image }, (shard) => shard.image === image)],
    [
      "new rules",
      (world) =>
        world.change({ ...group, image, rules: [rule] }, ({ config }) =>
          JSON.stringify(config).includes(rule.name),
        ),
    ],
    [
      "drained node",
      async (world) => {
        await world.lab.apply([nodePolicy(thirdNode, { drain: true })]);
        await world.settled(group.replicas, ({ node }) => node !== thirdNode);
      },
    ],
  ];
}

async function brokenIn(world: MovingWorld): Promise<number> {
  return Object.values(await world.traffic.summary()).reduce((sum, { broken }) => sum + broken, 0);
}
