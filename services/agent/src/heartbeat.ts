/**
 * Says, many times a second, that the node is there and what its shards do; at once when a probe passed for the first time,
 * since a shard is waited for then, and when something of a shard ended or its probe is overdue, since traffic is lost then.
 * Health alone listens; nothing keeps it.
 */
import { everyTick } from "@weft/runtime";
import { heartbeatSubject } from "@weft/schemas";
import type { Heartbeat, InstancePlacement } from "@weft/schemas";
import { functions } from "@weft/functions";
import type { Inventory } from "./inventory.ts";
import type { LinkSight } from "./link-sight.ts";
import type { AgentPorts } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";

export interface HeartbeatSource {
  readonly node: string;
  readonly incarnation: string;
  readonly inventory: Inventory;
  readonly probes: Probes;
  readonly links: LinkSight;
  placements(): readonly {
    readonly placement: InstancePlacement;
    readonly wanted: { readonly config?: string };
  }[];
}

export function startHeartbeat(
  source: HeartbeatSource,
  ports: Pick<AgentPorts, "bus" | "log">,
  everyMs: number,
): Disposable {
  let sequence = 0;
  let told = "";
  const beat = () => {
    sequence += 1;
    const heartbeat = heartbeatOf(source, sequence);
    told = standingOf(heartbeat);
    ports.bus.publish(heartbeatSubject(source.node), heartbeat);
  };
  const beatIfNews = () => {
    if (standingOf(heartbeatOf(source, sequence)) !== told) beat();
  };
  beat();
  const ticking = everyTick(everyMs, beat);
  const { probes, inventory, links } = source;
  const ends = [
    probes.passed.subscribe(beat),
    probes.overdue.subscribe(beat),
    inventory.changed.subscribe(beatIfNews),
    links.changed.subscribe(beatIfNews),
  ];
  return {
    [Symbol.dispose]() {
      for (const end of ends) end();
      ticking[Symbol.dispose]();
    },
  };
}

export function heartbeatOf(source: HeartbeatSource, sequence: number): Heartbeat {
  const { node, incarnation, inventory, probes, links } = source;
  const shards = source.placements().flatMap(({ placement, wanted }) => {
    if (placement.kind !== "shard") return [];
    const { uid, tenant, name } = placement;
    const owned = inventory.owned(uid);
    const config = inventory.liveConfig(uid);
    const current = config !== undefined && config.hash === wanted.config;
    return [
      {
        tenant,
        name,
        placementUid: uid,
        running: owned?.holder?.running === true && owned.instance?.running === true,
        wired: owned?.holder?.running === true && links.hasAllOf(placement),
        kernel: functions.get(placement.function)?.worksIn === "kernel",
        generation: current ? placement.generation : (config?.generation ?? 0),
        probeAgeMs: probes.ageMs(uid),
      },
    ];
  });
  return { node, incarnation, sequence, shards };
}

/** Text that differs when something of a shard ended or began. */
function standingOf({ shards }: Heartbeat): string {
  return shards.map(({ placementUid, running, wired }) => `${placementUid} ${running} ${wired}`).join("\n");
}
