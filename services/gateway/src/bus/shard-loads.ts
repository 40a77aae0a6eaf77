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
  /** As it was said: nobody may ask for it. */
  const bySubject = new Map<string, { readonly atMs: number; readonly text: string }>();
  const read = ([subject, { text }]: readonly [
    string,
    { readonly text: string },
  ]): readonly ShardSample[] => {
    try {
      return ShardSamples.parse(JSON.parse(text)).shards;
    } catch (err) {
      log.warn({ subject, err }, "samples of shards that are none");
      return [];
    }
  };
  const hearing = bus.hear(samplesWildcard, {
    everyMs: sampleEveryMs,
    lateMs: 0,
    heard: (text, subject) => {
      // In the order in which they came: a shard that moved is told by two nodes for a moment, and who spoke last is right.
      bySubject.delete(subject);
      bySubject.set(subject, { atMs: clock.now(), text });
    },
    taken: () => undefined,
  });
  return {
    current: () => {
      const fresh = clock.now() - knownForMs;
      for (const [subject, { atMs }] of bySubject) if (atMs < fresh) bySubject.delete(subject);
      const known = [...bySubject].flatMap(read);
      return new Map(known.map((sample) => [sample.placementUid, sample]));
    },
    [Symbol.dispose]: () => hearing[Symbol.dispose](),
  };
}
