/**
 * The slot map in Consul: weft/slots/<tenant>/<group> = {version, owners}, for functions and tools to read.
 * Follows weft_slots; what it published already is not published again. Only the leader's copy writes.
 */
import { deleteKey, listKeys, putKey } from "@weft/consul";
import type { Leadership } from "@weft/consul";
import type { View } from "@weft/bus";
import type { Clock, Log, Service } from "@weft/runtime";
import { reconcileLoop } from "@weft/runtime";
import type { SlotsRecord } from "@weft/schemas";

export interface PublishSlots {
  readonly kind: "publishSlots" | "withdrawSlots";
  readonly key: string;
  readonly revision: number;
  readonly text: string;
}

export function slotMapKey({ tenant, group }: Pick<SlotsRecord, "tenant" | "group">): string {
  return `${folder}${tenant}/${group}`;
}

const folder = "weft/slots/";
/** Of a key that somebody else published: no record has it. */
const unknownRevision = 0;

/** What to publish, given what was published at which revision. */
export function slotMapSteps(
  records: ReadonlyMap<string, { readonly value: SlotsRecord; readonly revision: number }>,
  published: ReadonlyMap<string, number>,
): PublishSlots[] {
  const wanted = [...records.values()].map(({ value, revision }) => ({
    kind: "publishSlots" as const,
    key: slotMapKey(value),
    revision,
    text: JSON.stringify({ version: value.version, owners: value.owners }),
  }));
  const known = new Set(wanted.map(({ key }) => key));
  return [
    ...wanted.filter(({ key, revision }) => published.get(key) !== revision),
    ...[...published.keys()]
      .filter((key) => !known.has(key))
      .map((key) => ({ kind: "withdrawSlots" as const, key, revision: 0, text: "" })),
  ];
}

export function publishSlotMap(o: {
  readonly slots: View<SlotsRecord>;
  readonly consulUrl: string;
  readonly leadership: Leadership;
  readonly clock: Clock;
  readonly log: Log;
}): Service {
  /** undefined: not read yet since this copy leads. */
  let published: Map<string, number> | undefined;
  const readPublished = async () =>
    new Map((await listKeys(o.consulUrl, folder)).map((key) => [key, unknownRevision]));
  const carryOut = async ({ kind, key, revision, text }: PublishSlots, known: Map<string, number>) => {
    if (kind === "publishSlots") {
      await putKey(o.consulUrl, key, text);
      known.set(key, revision);
    } else {
      await deleteKey(o.consulUrl, key);
      known.delete(key);
    }
  };
  const open = new DisposableStack();
  const loop = reconcileLoop<
    ReturnType<typeof o.slots.entries>,
    PublishSlots | { readonly kind: "readPublished" }
  >({
    name: "slot-map",
    clock: o.clock,
    log: o.log,
    wake: [o.slots.changed, o.leadership.changed],
    observe: () => o.slots.entries(),
    decide: (records) =>
      published === undefined ? [{ kind: "readPublished" }] : slotMapSteps(records, published),
    execute: async (_, records) => {
      const known = (published ??= await readPublished());
      for (const step of slotMapSteps(records, known)) await carryOut(step, known);
    },
    active: () => o.leadership.leads(),
  });
  return {
    name: loop.name,
    start: () => {
      // Whoever led meanwhile may have published something else.
      open.defer(o.leadership.changed.subscribe(() => (published = undefined)));
      return loop.start();
    },
    stop: () => {
      open.dispose();
      return loop.stop();
    },
  };
}
