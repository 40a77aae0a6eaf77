/**
 * Says, many times a second, that the node is there and what its shards do; at once when a probe passed for the first time,
 * since a shard is waited for then. Health alone listens; nothing keeps it.
 */
import { everyTick } from "@weft/runtime";
import { heartbeatSubject } from "@weft/schemas";
import type { Heartbeat, InstancePlacement } from "@weft/schemas";
import type { Inventory } from "./inventory.ts";
import type { AgentPorts } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";

export interface HeartbeatSource {
  readonly node: string;
  readonly incarnation: string;
  readonly inventory: Inventory;
  readonly probes: Probes;
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
  const beat = () => {
    sequence += 1;
    ports.bus.publish(heartbeatSubject(source.node), heartbeatOf(source, sequence));
  };
  beat();
  const ticking = everyTick(everyMs, beat);
  const unsubscribe = source.probes.passed.subscribe(beat);
  return {
    [Symbol.dispose]() {
      unsubscribe();
      ticking[Symbol.dispose]();
    },
  };
}

export function heartbeatOf(source: HeartbeatSource, sequence: number): Heartbeat {
  const { node, incarnation, inventory, probes } = source;
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
        generation: current ? placement.generation : (config?.generation ?? 0),
        probeAgeMs: probes.ageMs(uid),
      },
    ];
  });
  return { node, incarnation, sequence, shards };
}
