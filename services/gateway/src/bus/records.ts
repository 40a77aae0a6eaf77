/** The records of all buckets, from the bus's views. Loaded whole before anything is answered. */
import type { Bus, View } from "@weft/bus";
import { statusWorld } from "@weft/decide";
import type { StatusWorld } from "@weft/decide";
import { createEmitter } from "@weft/runtime";
import type { RecordsPort } from "../ports.ts";

export interface Records extends RecordsPort {
  close(): Promise<void>;
}

export async function openRecords(bus: Bus): Promise<Records> {
  const [intents, placements, realized, nodes, slots, stitched, health, access, shims] = await Promise.all([
    bus.view("intents"),
    bus.view("placements"),
    bus.view("realized"),
    bus.view("nodes"),
    bus.view("slots"),
    bus.view("stitched"),
    bus.view("health"),
    bus.view("access"),
    bus.view("shims"),
  ]);
  const views: readonly Pick<View<unknown>, "changed" | "close">[] = [
    intents,
    placements,
    realized,
    nodes,
    slots,
    stitched,
    health,
    access,
    shims,
  ];
  const build = () =>
    statusWorld({
      intents: intents.entries(),
      placements: placements.entries(),
      realized: realized.entries(),
      nodes: nodes.entries(),
      slots: slots.entries(),
      stitched: stitched.entries(),
      health: health.entries(),
      access: access.entries(),
      shims: shims.entries(),
    });
  let world: StatusWorld | undefined;
  const changed = createEmitter();
  for (const view of views)
    view.changed.subscribe(() => {
      world = undefined;
      changed.emit();
    });
  // A handoff changes them five times in a moment, and nobody waits for what they tell here.
  shims.changed.subscribe(() => void (world = undefined));
  return {
    world: () => (world ??= build()),
    changed,
    intentsRevision: () => intents.revision,
    close: async () => void (await Promise.all([...views, shims].map((view) => view.close()))),
  };
}
