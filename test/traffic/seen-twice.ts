/**
 * Which flows pass two shards, by two looks at what the shards' kernels track. A connection says when it is over; an entry of datagrams stays
 * for two minutes after the last of them, also where they pass no more: it counts where one passed between the looks. Pure.
 */

/** By shard, then by flow, the seconds after which its entry goes. */
export type Tracked = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How long after one look the other is taken; longer than flows are silent that shall be seen. */
export const betweenLooksMs = 4_000;
/** An entry that nothing passed has come so much nearer to its end at least: the kernel tells whole seconds, and a look takes some time. */
const idleSeconds = betweenLooksMs / 1_000 - 1;

export interface Seen {
  /** By protocol, how many flows there were to compare. */
  readonly compared: { readonly tcp: number; readonly udp: number };
  readonly twice: readonly string[];
}

export function seenTwice(before: Tracked, after: Tracked): Seen {
  const times = new Map<string, number>();
  for (const [shard, flows] of after)
    for (const [flow, seconds] of flows)
      if (flow.startsWith("tcp ") || isRefreshed(before.get(shard)?.get(flow), seconds))
        times.set(flow, (times.get(flow) ?? 0) + 1);
  const compared = (protocol: string) => [...times.keys()].filter((flow) => flow.startsWith(protocol)).length;
  return {
    compared: { tcp: compared("tcp "), udp: compared("udp ") },
    twice: [...times].flatMap(([flow, count]) => (count > 1 ? [flow] : [])),
  };
}

/** An entry that there was none of at the first look is one that something passed since. */
function isRefreshed(before: number | undefined, after: number): boolean {
  return before === undefined || before - after < idleSeconds;
}
