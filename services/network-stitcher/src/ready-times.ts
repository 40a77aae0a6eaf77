/**
 * weft_intent_to_ready_seconds: how long resources took from their acceptance, or a change of their spec, until they were ready.
 * The stitcher tells it because all that Ready waits for ends with records that it alone writes (stitched, slots), and because one
 * copy leads: gateways know statuses too, and each would count. What became ready while no copy led is not counted, so nothing is
 * counted twice. Reads all records; writes a histogram.
 */
import type { Leadership } from "@weft/consul";
import { becameReady, generationId, statusWorld } from "@weft/decide";
import type { BecameReady, StatusWorld } from "@weft/decide";
import { histogramOf, reconcileLoop } from "@weft/runtime";
import type { Service, ServiceContext } from "@weft/runtime";
import type { StitcherViews } from "./views.ts";

const readySeconds = histogramOf("weft_intent_to_ready_seconds");
/** The records say when it was: looking seldom costs nothing but the look's delay. */
const lookAfterMs = 1_000;

interface TimeReady extends BecameReady {
  readonly kind: "timeReady";
}

export function readyTimes(
  { views, leadership }: { readonly views: StitcherViews; readonly leadership: Leadership },
  { log, clock }: Pick<ServiceContext, "log" | "clock">,
): Service {
  /** Generations that were counted, by this copy or by who led before. */
  let told: ReadonlySet<string> = new Set();
  const takeOver = () => {
    told = new Set(becameReady(worldOf(views), new Set(), clock.iso()).map(({ id }) => id));
  };
  leadership.changed.subscribe(() => leadership.leads() && takeOver());
  if (leadership.leads()) takeOver();
  return reconcileLoop<StatusWorld, TimeReady>({
    name: "ready-times",
    clock,
    log,
    wake: [...Object.values(views).map(({ changed }) => changed), leadership.changed],
    debounceMs: lookAfterMs,
    resyncMs: 60_000,
    observe: () => worldOf(views),
    decide: (seen, now) => becameReady(seen, told, now).map((each) => ({ kind: "timeReady", ...each })),
    execute: async (steps, { intents }) => {
      for (const { from, to } of steps)
        readySeconds.observe(Math.max(0, Date.parse(to) - Date.parse(from)) / 1000);
      const counted = new Set([...told, ...steps.map(({ id }) => id)]);
      told = new Set([...intents.values()].map(({ value }) => generationId(value))).intersection(counted);
    },
    active: () => leadership.leads(),
  });
}

function worldOf(views: StitcherViews): StatusWorld {
  return statusWorld({
    intents: views.intents.entries(),
    placements: views.placements.entries(),
    realized: views.realized.entries(),
    nodes: views.nodes.entries(),
    slots: views.slots.entries(),
    stitched: views.stitched.entries(),
    health: views.health.entries(),
    access: views.access.entries(),
    shims: views.shims.entries(),
  });
}
