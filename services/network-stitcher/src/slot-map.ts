/**
 * The slot map in Consul: weft/slots/<tenant>/<group> = {version, owners}, for functions and tools to read.
 * Follows weft_slots; what it published already is not published again. Only the leader's copy writes.
 */
import { deleteKey, putKey } from "@weft/consul";
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
  return `weft/slots/${tenant}/${group}`;
}

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
  const published = new Map<string, number>();
  // Whoever led meanwhile may have published something else.
  o.leadership.changed.subscribe(() => published.clear());
  return reconcileLoop({
    name: "slot-map",
    clock: o.clock,
    log: o.log,
    wake: [o.slots.changed, o.leadership.changed],
    observe: () => o.slots.entries(),
    decide: (records) => slotMapSteps(records, published),
    execute: async (steps) => {
      for (const { kind, key, revision, text } of steps) {
        if (kind === "publishSlots") {
          await putKey(o.consulUrl, key, text);
          published.set(key, revision);
        } else {
          await deleteKey(o.consulUrl, key);
          published.delete(key);
        }
      }
    },
    active: () => o.leadership.leads(),
  });
}
