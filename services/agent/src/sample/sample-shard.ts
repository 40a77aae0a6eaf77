/**
 * One shard's sample: its links' counters from the host's ends, its connections, what its function uses.
 * Reads the kernel; makes totals and rates of what it says. Of Weft's probes only the connections are left out: their packets
 * (about ten a second, 100 bytes each) are among those that are counted, since the kernel counts by link alone.
 */
import type { Driver, Owned } from "@weft/drivers";
import type { ShardPlacement, ShardSample } from "@weft/schemas";
import { linkName } from "../wiring/names.ts";
import { readFlows } from "./kernel-counters.ts";
import type { Links } from "./kernel-counters.ts";
import type { Rates } from "./rates.ts";
import type { Totals } from "./totals.ts";

export interface SampleContext {
  readonly owned: Owned | undefined;
  readonly driver: Driver | undefined;
  readonly links: Links;
  /** Connections that are Weft's own. */
  readonly probes: number;
  readonly totals: Totals;
  readonly rates: Rates;
  readonly nowMs: number;
}

export function sampleShard(placement: ShardPlacement, context: SampleContext): ShardSample {
  const { tenant, name, group, uid } = placement;
  const { totals, rates, nowMs } = context;
  const passed = passedOf(placement, context);
  const { cpuSeconds: usedNow, memory } = usageOf(context);
  const cpuSeconds = usedNow === null ? null : totals.total(uid, "cpuSeconds", usedNow);
  const bytes = passed?.bytes ?? null;
  const bits = bytes === null ? null : (bytes.toServer + bytes.toClient) * 8;
  return {
    tenant,
    name,
    group,
    placementUid: uid,
    bytes,
    packets: passed?.packets ?? null,
    cpuSeconds,
    flows: flowsOf(context),
    bitsPerSecond: rounded(rates.rate(`${uid} bits`, bits, nowMs), 1),
    cpu: rounded(rates.rate(`${uid} cpu`, cpuSeconds, nowMs), 10_000),
    memory,
  };
}

/** What is behind these digits is the timer's, not the shard's. */
function rounded(value: number | null, parts: number): number | null {
  return value === null ? null : Math.round(value * parts) / parts;
}

type Passed = Record<"bytes" | "packets", { readonly toServer: number; readonly toClient: number }>;

/** What a host's end sends arrives in the shard: at in0 from the clients, at out0 from the servers. */
function passedOf({ uid, interfaces }: ShardPlacement, { links, totals }: SampleContext): Passed | undefined {
  const end = (side: "inner" | "outer") => {
    const placed = interfaces.find(({ segment }) => segment.kind === side);
    return placed === undefined ? undefined : links(linkName(uid, placed));
  };
  const [inner, outer] = [end("inner"), end("outer")];
  if (inner === undefined || outer === undefined) return undefined;
  return {
    bytes: {
      toServer: totals.total(uid, "bytesToServer", inner.sentBytes),
      toClient: totals.total(uid, "bytesToClient", outer.sentBytes),
    },
    packets: {
      toServer: totals.total(uid, "packetsToServer", inner.sentPackets),
      toClient: totals.total(uid, "packetsToClient", outer.sentPackets),
    },
  };
}

function usageOf({ owned, driver }: SampleContext) {
  const runs = owned?.instance?.running === true;
  return runs && driver !== undefined ? driver.usage(owned) : { cpuSeconds: null, memory: null };
}

/** Seen through a process in the shard's namespace: the pause container where there is one, else the function. */
function flowsOf({ owned, probes }: SampleContext): number | null {
  const reference = Number(owned?.holder?.namespaceRef);
  const pid = Number.isInteger(reference) ? reference : owned?.instance?.pid;
  const entries = pid === undefined ? undefined : readFlows(pid, owned?.holder?.namespaceInode);
  return entries === undefined ? null : Math.max(0, entries - probes);
}
