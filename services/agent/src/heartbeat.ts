/**
 * Says, many times a second, that the node is there and what its shards do. Health alone listens; nothing keeps it.
 * What is new is said at once, by a subject of its own that health hears at once: that a probe passed for the first time, since a shard is
 * waited for then, and that something of a shard ended or its probe is overdue, since traffic is lost then.
 */
import { functions } from "@weft/functions";
import { everyTick } from "@weft/runtime";
import { heartbeatNewsSubject, heartbeatSubject } from "@weft/schemas";
import type { Heartbeat, InstancePlacement } from "@weft/schemas";
import type { Inventory } from "./inventory.ts";
import type { LinkSight } from "./link-sight.ts";
import type { AgentPorts } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";

/** Of so many beats one says what there is, though nobody told that it changed; the others repeat it with the probes' age. */
const freshEvery = 10;
type Shard = Heartbeat["shards"][number];

export interface HeartbeatSource {
  readonly node: string;
  readonly incarnation: string;
  readonly inventory: Inventory;
  readonly probes: Probes;
  readonly links: LinkSight;
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
  const { node, incarnation, probes, inventory, links } = source;
  const open = new DisposableStack();
  const line = open.use(bus.openLine());
  let shards: Shard[] = [];
  let [sequence, told] = [0, ""];
  const beat = () => {
    sequence += 1;
    if (sequence % freshEvery === 0 && isNews()) return beatAtOnce();
    for (const shard of shards) shard.probeAgeMs = probes.ageMs(shard.placementUid);
    const now: Heartbeat = { node, incarnation, sequence, shards };
    line.publish(heartbeatSubject(node), JSON.stringify(now));
  };
  const isNews = () => {
    shards = shardsOf(source);
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

function shardsOf({ inventory, probes, links, placements }: HeartbeatSource): Shard[] {
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
function standingOf(shards: readonly Shard[]): string {
  return shards
    .map(
      ({ placementUid, running, wired, generation, probeAgeMs }) =>
        `${placementUid} ${running} ${wired} ${generation} ${probeAgeMs !== null}`,
    )
    .join("\n");
}
