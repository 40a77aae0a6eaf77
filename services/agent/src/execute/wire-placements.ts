/**
 * How placements of a round are wired: each with its plan, a shard with its shim ahead of its links. Where another shard owns flows that
 * may come to it, the shim's gate is closed as well, unless packets pass already.
 */
import type { ProvisionStep } from "@weft/decide";
import { WeftError } from "@weft/schemas";
import type { InstancePlacement } from "@weft/schemas";
import type { InsideWatch } from "../inside/inside-watch.ts";
import { placeContext } from "../inside/place-context.ts";
import type { Inventory } from "../inventory.ts";
import type { AgentPorts } from "../ports.ts";
import type { FirstShim, FirstShims } from "../shim/first-shims.ts";
import type { Shims } from "../shim/shims.ts";
import { planWiring } from "../wiring/plan.ts";
import type { PlaceContext, WiringPlan } from "../wiring/plan.ts";
import { wireAll } from "../wiring/wire.ts";
import type { Wiring } from "../wiring/wire.ts";

type Wire = Extract<ProvisionStep, { readonly kind: "wire" }>;

export interface WireContext {
  readonly ports: AgentPorts;
  readonly inventory: Inventory;
  readonly inside: InsideWatch;
  readonly checksumOffload: boolean;
  readonly shims: Pick<Shims, "firstRulesOf" | "gateClosed">;
  readonly firstShims: FirstShims;
}

export async function wirePlacements(
  steps: readonly Wire[],
  context: WireContext,
  fail: Wiring["fail"],
): Promise<void> {
  const { inventory, inside, ports, shims, firstShims } = context;
  const plans: WiringPlan[] = [];
  /** By uid: what its plan loads. */
  const loads = new Map<string, FirstShim>();
  // A look that began earlier may not have seen a holder that was made since.
  if (steps.some(({ uid }) => inventory.owned(uid)?.holder === undefined)) await inventory.refresh();
  for (const { uid, target } of steps) {
    try {
      const { plan, shim } = planOf(target, context);
      plans.push(plan);
      if (shim !== undefined) loads.set(uid, shim);
    } catch (cause) {
      fail(uid, cause);
    }
  }
  const halfDone = new Set<string>();
  const failed = (uid: string, cause: unknown) => {
    halfDone.add(uid);
    fail(uid, cause);
  };
  await wireAll(plans, { fabric: ports.fabric, fail: failed });
  for (const { uid } of steps) firstShims.wired(uid, halfDone.has(uid) ? undefined : loads.get(uid));
  for (const [uid, { waiting }] of loads) if (waiting) shims.gateClosed(uid);
  inside.wired(steps.map(({ target }) => target.placement));
}

function planOf({ placement, wanted }: Wire["target"], context: WireContext) {
  const { uid } = placement;
  // What must be in a shard's namespace before its links are up.
  const rules = context.shims.firstRulesOf(placement);
  const waiting = rules?.waits === true && context.inventory.liveConfig(uid) === undefined;
  const plan = planWiring(placement, {
    // What is closed here is opened by loadConfig, and what was opened stays as it is.
    ...contextOf(uid, placement, context, false),
    wiringHash: wanted.wiring,
    firstRules: rules === undefined ? undefined : rules.text + (waiting ? rules.gate : ""),
  });
  return { plan, shim: rules === undefined ? undefined : { mark: rules.mark, waiting } };
}

export function contextOf(
  uid: string,
  placement: InstancePlacement,
  { inventory, checksumOffload }: WireContext,
  live: boolean,
): PlaceContext {
  const opened = inventory.liveConfig(uid) !== undefined;
  const found = placeContext(placement, inventory.owned(uid)?.holder, { opened, live, checksumOffload });
  if (found === undefined) throw new WeftError("unavailable", "Its network namespace is not there.");
  return found;
}
