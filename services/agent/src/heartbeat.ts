/**
 * Says, many times a second, that the node is there, and some of these times what its shards do. Health alone listens; nothing keeps it.
 * What is new is said at once, by a subject of its own that health hears at once: that a probe passed for the first time, since a shard is
 * waited for then, and that something of a shard ended or its probe is overdue, since traffic is lost then.
 */
import { functions } from "@weft/functions";
import { everyTick } from "@weft/runtime";
import { heartbeatNewsSubject, heartbeatSubject } from "@weft/schemas";
import type { Heartbeat, InstancePlacement, ShardReport } from "@weft/schemas";
import type { Inventory } from "./inventory.ts";
import type { LinkSight } from "./link-sight.ts";
import type { AgentPorts } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";

/** While all goes well, what the shards do is said this often, though nobody told that it changed. The beats between say the rest. */
const fullEveryMs = 500;

export interface HeartbeatSource {
  readonly node: string;
  readonly incarnation: string;
  readonly inventory: Inventory;
  readonly probes: Probes;
  readonly links: LinkSight;
  /** As health has it: of each shard it must hear twice within this time. */
  readonly detectionMs: number;
  readonly placements: () => readonly {
    readonly placement: InstancePlacement;
    readonly wanted: { readonly config?: string };
  }[];
}

export function startHeartbeat(
  source: HeartbeatSource,
  { bus, views }: Pick<AgentPorts, "bus" | "views">,
  everyMs: number,
): Disposable {
  const { node, incarnation, probes, inventory, links, detectionMs } = source;
  const open = new DisposableStack();
  const line = open.use(bus.openLine());
  const subject = heartbeatSubject(node);
  const fullEvery = Math.floor(Math.min(fullEveryMs, detectionMs / 2) / everyMs);
  let shards: ShardReport[] = [];
  let allPass = false;
  let [sequence, told] = [0, ""];
  // Ten times a second all that is touched is cold by then: what such a beat does costs several times as much as in a loop (measured).
  const beat = () => {
    sequence += 1;
    if (!allPass || sequence % fullEvery === 0) return beatInFull();
    line.publish(subject, `{"node":"${node}","incarnation":"${incarnation}","sequence":${sequence}}`);
  };
  const beatInFull = () => {
    if (isNews()) return beatAtOnce();
    const now: Heartbeat = { node, incarnation, sequence, shards };
    line.publish(subject, JSON.stringify(now));
  };
  const isNews = () => {
    shards = shardsOf(source);
    allPass =
      fullEvery > 1 && shards.every(({ probeAgeMs }) => probeAgeMs !== null && probeAgeMs <= detectionMs);
    return standingOf(shards) !== told;
  };
  const beatAtOnce = () => {
    sequence += 1;
    shards = shardsOf(source);
    told = standingOf(shards);
    const now: Heartbeat = { node, incarnation, sequence, shards };
    bus.publish(heartbeatNewsSubject(node), now);
  };
  const beatIfNews = () => {
    if (isNews()) beatAtOnce();
  };
  beatAtOnce();
  open.use(everyTick(everyMs, beat));
  for (const signal of [probes.passed, probes.overdue]) open.defer(signal.subscribe(beatAtOnce));
  for (const signal of [inventory.changed, links.changed, views.placements.changed])
    open.defer(signal.subscribe(beatIfNews));
  return open;
}

function shardsOf({ inventory, probes, links, placements }: HeartbeatSource): ShardReport[] {
  return placements().flatMap(({ placement, wanted }) => {
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
}

/** Text that differs when something of a shard ended, began or is another; how long ago its probe passed is no news. */
function standingOf(shards: readonly ShardReport[]): string {
  return shards
    .map(
      ({ placementUid, running, wired, generation, probeAgeMs }) =>
        `${placementUid} ${running} ${wired} ${generation} ${probeAgeMs !== null}`,
    )
    .join("\n");
}
