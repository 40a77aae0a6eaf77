/** The stitcher's sight of the records, each bucket followed once for all of its loops. */
import type { Bus, View } from "@weft/bus";
import type { Records } from "@weft/schemas";

export type StitcherViews = { readonly [N in keyof Records]: View<Records[N]> };

export async function openViews(bus: Bus): Promise<StitcherViews> {
  return {
    intents: await bus.view("intents"),
    placements: await bus.view("placements"),
    realized: await bus.view("realized"),
    nodes: await bus.view("nodes"),
    slots: await bus.view("slots"),
    stitched: await bus.view("stitched"),
    health: await bus.view("health"),
    shims: await bus.view("shims"),
    access: await bus.view("access"),
  };
}
