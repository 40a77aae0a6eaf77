/** Makes links and ports of placements, sets again in place what was bent, and takes them away. */
import type { InstancePlacement } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { mendWiring } from "../inside/mend.ts";
import { placeContext } from "../inside/place-context.ts";
import { linkNames, probeNamespaces } from "../wiring/names.ts";
import { planWiring } from "../wiring/plan.ts";
import type { PlaceContext, WiringPlan } from "../wiring/plan.ts";
import { unwireAll, wireAll } from "../wiring/wire.ts";
import { each } from "./executor.ts";
import type { ExecutorContext, Fail, StepOf } from "./executor.ts";

export async function wire(
  steps: readonly StepOf<"wire">[],
  context: ExecutorContext,
  fail: Fail,
): Promise<void> {
  const { inventory, inside, ports, firstShims } = context;
  const plans: WiringPlan[] = [];
  /** By uid: of the rules that its plan loads. */
  const marks = new Map<string, string | undefined>();
  // A look that began earlier may not have seen a holder that was made since.
  if (steps.some(({ uid }) => inventory.owned(uid)?.holder === undefined)) await inventory.refresh();
  await each(steps, fail, async ({ uid, target: { placement, wanted } }) => {
    const rules = context.firstRules(placement);
    marks.set(uid, rules?.mark);
    // What is closed here is opened by loadConfig, and what was opened stays as it is.
    plans.push(
      planWiring(placement, {
        ...contextOf(placement, context, false),
        wiringHash: wanted.wiring,
        firstRules: rules?.text,
      }),
    );
  });
  const failed = (uid: string, cause: unknown) => {
    marks.delete(uid);
    fail(uid, cause);
  };
  await wireAll(plans, { fabric: ports.fabric, fail: failed });
  for (const { uid } of steps) firstShims.wired(uid, marks.get(uid));
  inside.wired(steps.map(({ target }) => target.placement));
}

/** Looks again afterwards: what cannot be set again is a failure, to be tried later. */
export async function mend(
  { uid, target: { placement } }: StepOf<"mendWiring">,
  context: ExecutorContext,
): Promise<void> {
  await mendWiring(placement, contextOf(placement, context, true));
  await context.inside.look([uid]);
  const still = context.inside.drift(uid);
  if (still !== undefined) throw new WeftError("unavailable", `It cannot be mended: ${still}.`);
}

export async function unwire(
  uids: readonly string[],
  { ports, placements }: Pick<ExecutorContext, "ports" | "placements">,
): Promise<void> {
  const wanted = new Set(uids);
  const known = placements().filter(({ placement }) => wanted.has(placement.uid));
  await unwireAll(
    {
      ports: ports.fabric.ports().flatMap(({ name, placement }) => (wanted.has(placement) ? [name] : [])),
      links: known.flatMap(({ placement }) => linkNames(placement)),
      namespaces: uids.flatMap((uid) => Object.values(probeNamespaces(uid))),
    },
    ports.fabric,
  );
}

function contextOf(
  placement: InstancePlacement,
  { inventory, checksumOffload }: ExecutorContext,
  live: boolean,
): PlaceContext {
  const { uid } = placement;
  const opened = inventory.liveConfig(uid) !== undefined;
  const found = placeContext(placement, inventory.owned(uid)?.holder, { opened, live, checksumOffload });
  if (found === undefined) throw new WeftError("unavailable", "Its network namespace is not there.");
  return found;
}
