/**
 * What the agents' samples said last of each shard, by placement. Reads weft.samples.*; keeps nothing.
 * A node that has been silent for three samples, or says a shard no more, tells nothing of it: its load is not known then.
 */
import type { Bus } from "@weft/bus";
import type { Clock, Log } from "@weft/runtime";
import type { ShardSample } from "@weft/schemas";
import { ShardSamples, sampleEveryMs, samplesWildcard } from "@weft/schemas";
import type { LoadsPort } from "../ports.ts";

const knownForMs = 3.5 * sampleEveryMs;

export interface FollowedLoads extends LoadsPort, Disposable {}

export function followLoads(
  bus: Bus,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): FollowedLoads {
  const byNode = new Map<string, { readonly atMs: number; readonly shards: readonly ShardSample[] }>();
  const subscription = bus.subscribe(samplesWildcard, (data, subject) => {
    const parsed = ShardSamples.safeParse(data);
    if (parsed.success) byNode.set(parsed.data.node, { atMs: clock.now(), shards: parsed.data.shards });
    else log.warn({ subject, err: parsed.error }, "samples of shards that are none");
  });
  return {
    current: () => {
      const fresh = clock.now() - knownForMs;
      for (const [node, { atMs }] of byNode) if (atMs < fresh) byNode.delete(node);
      const known = [...byNode.values()].flatMap(({ shards }) => shards);
      return new Map(known.map((sample) => [sample.placementUid, sample]));
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  };
}
