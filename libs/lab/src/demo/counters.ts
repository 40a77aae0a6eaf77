/**
 * Reads a shard's own counters: the named nftables counters of its firewall, by running nft inside it.
 * Nothing of Weft's bookkeeping stands between the kernel's numbers and the result.
 */
import { z } from "zod";

const Listing = z.object({
  nftables: z.array(
    z.object({ counter: z.object({ name: z.string(), packets: z.number() }).optional() }).loose(),
  ),
});

export interface ShardCounters {
  /** New connections that the rule `web` let through. */
  readonly passed: number;
  /** Packets that met no rule and were dropped. */
  readonly dropped: number;
  /** Replies of connections that this shard never saw begin: they came back by the wrong shard. */
  readonly strayReplies: number;
}

export const countersCommand = ["nft", "-j", "list", "counters"];

export function readCounters(output: string): ShardCounters {
  const { nftables } = Listing.parse(JSON.parse(output));
  const packets = (name: string) =>
    nftables.reduce((sum, { counter }) => (counter?.name === name ? sum + counter.packets : sum), 0);
  return {
    passed: packets("rule_web"),
    dropped: packets("default"),
    strayReplies: packets("reply_without_connection"),
  };
}

export function since(before: ShardCounters | undefined, now: ShardCounters): ShardCounters {
  return {
    passed: now.passed - (before?.passed ?? 0),
    dropped: now.dropped - (before?.dropped ?? 0),
    strayReplies: now.strayReplies - (before?.strayReplies ?? 0),
  };
}
