/**
 * Events of the stitcher, derived from the changes of its two buckets: a chain is ready, a resource is blocked, a
 * handoff begins and ends.
 */
import type { EventType, SlotsRecord, StitchedRecord, WeftEvent } from "@weft/schemas";

interface Change<Record> {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: Record | null;
  readonly before: Record | null;
}

export function stitchedEvents(change: Change<StitchedRecord>): WeftEvent[] {
  return [...blocked(change), ...chainReady(change)];
}

/** Once for each obstacle that somebody must take away, however long it stands. */
function blocked({ key, revision, at, value, before }: Change<StitchedRecord>): WeftEvent[] {
  if (value?.fault === undefined) return [];
  if (before?.uid === value.uid && before.fault?.message === value.fault.message) return [];
  const { kind, tenant, name, uid, generation, fault, cause } = value;
  return [
    event("dev.weft.network.blocked", {
      id: `weft_stitched/${key}@${revision}`,
      subject: `${tenant}/${kind}/${name}`,
      time: at,
      data: { uid, generation, reason: fault.code, message: fault.message, revision },
      ...causedBy(cause),
    }),
  ];
}

function chainReady({ key, revision, at, value, before }: Change<StitchedRecord>): WeftEvent[] {
  if (value?.kind !== "chain" || value.state !== "programmed") return [];
  if (before?.state === "programmed" && before.uid === value.uid && before.generation === value.generation)
    return [];
  const { tenant, name, uid, generation, slots = {}, cause } = value;
  return [
    event("dev.weft.chain.ready", {
      id: `weft_stitched/${key}@${revision}`,
      subject: `${tenant}/chain/${name}`,
      time: at,
      data: { uid, generation, slots, revision },
      ...causedBy(cause),
    }),
  ];
}

export function slotsEvents({ key, revision, at, value, before }: Change<SlotsRecord>): WeftEvent[] {
  const record = value ?? before;
  if (record === null) return [];
  const about = (type: EventType, handoff: Handoff, nth: number) => {
    const { id, from, to, slots, startedAt, cause } = handoff;
    const what = { handoff: id, from, to, slots: slots.length, startedAt };
    const cut = type === "dev.weft.handoff.finished" ? { flowsCut: flowsCut(handoff, value) } : {};
    return event(type, {
      id: `weft_slots/${key}@${revision}${nth === 0 ? "" : `#${nth + 1}`}`,
      subject: `${record.tenant}/functiongroup/${record.group}`,
      time: at,
      data: { ...what, ...cut, version: record.version, revision },
      ...causedBy(cause),
    });
  };
  const changes = [
    ...handoffsBeyond(before, value).map((handoff) => ({
      type: "dev.weft.handoff.started" as const,
      handoff,
    })),
    ...handoffsBeyond(value, before).map((handoff) => ({
      type: "dev.weft.handoff.finished" as const,
      handoff,
    })),
  ];
  return changes.map(({ type, handoff }, nth) => about(type, handoff, nth));
}

type Handoff = SlotsRecord["handoffs"][number];

/**
 * Those of `to` that `from` does not have: what began, or the other way round what ended. One that is done has ended, and one
 * from a shard to itself only says that it has to forget.
 */
export function handoffsBeyond(from: SlotsRecord | null, to: SlotsRecord | null): Handoff[] {
  const standing = (record: SlotsRecord | null) =>
    record?.handoffs.filter(({ phase, from, to }) => phase !== "done" && from !== to) ?? [];
  const known = standing(from);
  return standing(to).filter((handoff) => !known.some((other) => isSame(handoff, other)));
}

/** By id; those of 0.1.0 have none before the stitcher goes on with them. */
function isSame(one: Handoff, other: Handoff): boolean {
  if (one.id > 0 && other.id > 0) return one.id === other.id;
  return one.from === other.from && one.to === other.to && one.startedAt === other.startedAt;
}

/** Nobody waited for these: the giver failed, or its time was up. */
function flowsCut({ id }: Handoff, after: SlotsRecord | null): number {
  return after?.handoffs.find((handoff) => handoff.id === id)?.flowsCut ?? 0;
}

function causedBy(cause: string | undefined): Pick<WeftEvent, "causationid"> {
  return cause === undefined ? {} : { causationid: cause };
}

function event(
  type: EventType,
  of: Pick<WeftEvent, "id" | "subject" | "time" | "data" | "causationid">,
): WeftEvent {
  return {
    specversion: "1.0",
    source: "/weft/network-stitcher",
    type,
    datacontenttype: "application/json",
    ...of,
  };
}
