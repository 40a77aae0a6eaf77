/**
 * A function group is ready when as many shards as asked for are ready at this generation and own all slots among them.
 * Shards that leave may keep older flows for long; they count no more once they own no slot.
 * Reads placements, verdicts and slots; says of the first thing that is not so what it is.
 */
import type {
  Condition,
  FunctionGroup,
  IntentRecord,
  ShardDrain,
  ShardPlacement,
  SlotsRecord,
} from "@weft/schemas";
import { slotsKey } from "@weft/schemas";
import { replicated } from "./replica-status.ts";
import { progressing, takenBack } from "./rollout-status.ts";
import { shardDrain } from "./shard-drain.ts";
import type { ShardStanding } from "./shard-standing.ts";
import { shardStanding } from "./shard-standing.ts";
import type { Standing } from "./standing.ts";
import { latest, readySince, waiting } from "./standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export type GroupIntent = StatusEntry<IntentRecord & { readonly document: FunctionGroup }>;

interface SeenShard {
  readonly placement: StatusEntry<ShardPlacement>;
  readonly standing: ShardStanding;
  /** Ready with the configuration of the intent's generation. */
  readonly current: boolean;
  readonly slots: number;
}

export interface GroupStatus {
  readonly standing: Standing;
  readonly conditions: readonly Condition[];
  readonly fields: {
    readonly replicas: number;
    readonly ready: number;
    /** Shards that leave, beside those that the group asks for. */
    readonly draining: number;
    /** What each of them waits for. */
    readonly drains: readonly (ShardDrain & { readonly shard: string })[];
  };
}

export function groupStatus(intent: GroupIntent, world: StatusWorld): GroupStatus {
  const slots = slotsOf(intent, world);
  const shards = seenShards(intent, world, slots?.value);
  const placed = staying(shards).map(({ placement }) => placement);
  return {
    conditions: [progressing(intent, world, placed), ...replicated(intent, world, placed)],
    standing:
      takenBack(intent, world, placed) ??
      notAllPlaced(intent, world, shards) ??
      notAllReady(intent, shards) ??
      notAllServing(intent, shards, slots) ??
      readySince(`${plural(staying(shards).length)} ready, each with slots of its own${drainText(shards)}`, [
        intent.at,
        slots?.at ?? intent.at,
        ...staying(shards).map(({ standing }) => standing.since),
      ]),
    fields: {
      replicas: intent.value.document.spec.replicas,
      ready: shards.filter(({ standing }) => standing.state === "ready").length,
      draining: leavingOf(shards).length,
      drains: leavingOf(shards).flatMap(({ placement: { value } }) => {
        const drain = shardDrain(value, world);
        return drain === null ? [] : [{ shard: value.name, ...drain }];
      }),
    },
  };
}

/** The group's slots; none when they are those of an earlier group of this name. */
export function slotsOf(intent: GroupIntent, world: StatusWorld): StatusEntry<SlotsRecord> | undefined {
  const { tenant = "", name } = intent.value.document.metadata;
  const entry = world.slots.get(slotsKey(tenant, name));
  return entry?.value.groupUid === intent.value.uid ? entry : undefined;
}

function seenShards(intent: GroupIntent, world: StatusWorld, slots: SlotsRecord | undefined): SeenShard[] {
  const { tenant = "", name } = intent.value.document.metadata;
  return world.shardsOf(tenant, name).map((placement) => {
    const standing = shardStanding(world, placement);
    const ofThis = placement.value.intentUid === intent.value.uid;
    return {
      placement,
      standing,
      current: ofThis && standing.current && placement.value.generation === intent.value.generation,
      slots: slots?.owners.filter((owner) => owner === placement.value.name).length ?? 0,
    };
  });
}

function staying(shards: readonly SeenShard[]): SeenShard[] {
  return shards.filter(({ placement }) => !placement.value.leaving);
}

function notAllPlaced(
  intent: GroupIntent,
  world: StatusWorld,
  shards: readonly SeenShard[],
): Standing | undefined {
  const { metadata, spec } = intent.value.document;
  const unplaced = world.unplaced("FunctionGroup", metadata.tenant ?? "", metadata.name);
  if (unplaced !== undefined) return waiting(unplaced.reason, unplaced.message, intent.at);
  const placed = staying(shards).length;
  if (placed >= spec.replicas) return undefined;
  return waiting("Scheduling", `${placed} of ${plural(spec.replicas)} placed`, intent.at);
}

function notAllReady(intent: GroupIntent, shards: readonly SeenShard[]): Standing | undefined {
  // What fails comes first: what only waits for its turn waits for that.
  const late = staying(shards)
    .filter(({ current }) => !current)
    .toSorted((a, b) => Number(a.standing.current) - Number(b.standing.current));
  const [first] = late;
  if (first === undefined) return undefined;
  const { replicas } = intent.value.document.spec;
  const reasons = late
    .slice(0, 3)
    .map(
      ({ placement, standing }) =>
        `${placement.value.name}: ${standing.current ? `it still has generation ${placement.value.generation}` : standing.message}`,
    );
  const more = late.length > 3 ? [`and ${late.length - 3} more`] : [];
  const ready = staying(shards).length - late.length;
  return waiting(
    first.standing.current ? "Updating" : first.standing.reason,
    `${Math.min(ready, replicas)} of ${plural(replicas)} ready; ${[...reasons, ...more].join("; ")}`,
    latest(late.map(({ standing }) => standing.since)),
  );
}

function notAllServing(
  intent: GroupIntent,
  shards: readonly SeenShard[],
  slots: StatusEntry<SlotsRecord> | undefined,
): Standing | undefined {
  const since = slots?.at ?? intent.at;
  const idle = staying(shards).filter(({ slots }) => slots === 0);
  if (idle.length > 0) return waiting("NoSlots", `${namesOf(idle)} owns no slots yet`, since);
  const { replicas } = intent.value.document.spec;
  const surplus = staying(shards).length - replicas;
  if (surplus > 0) return waiting("ScalingIn", `${plural(surplus)} too many`, intent.at);
  const owning = leavingOf(shards).filter((shard) => shard.slots > 0);
  if (owning.length === 0) return undefined;
  const owned = owning.reduce((sum, shard) => sum + shard.slots, 0);
  return waiting(
    "Draining",
    `${namesOf(owning)} is leaving: it owns ${owned} slots yet`,
    latest(owning.map(({ placement }) => placement.at)),
  );
}

function leavingOf(shards: readonly SeenShard[]): SeenShard[] {
  return shards.filter(({ placement }) => placement.value.leaving);
}

/** What is left of them is told by `get handoffs` and `describe`. */
function drainText(shards: readonly SeenShard[]): string {
  const leaving = leavingOf(shards);
  return leaving.length === 0 ? "" : `; ${namesOf(leaving)} keeps older flows and leaves`;
}

function namesOf(shards: readonly SeenShard[]): string {
  return shards.map(({ placement }) => placement.value.name).join(", ");
}

function plural(count: number): string {
  return `${count} shard${count === 1 ? "" : "s"}`;
}
