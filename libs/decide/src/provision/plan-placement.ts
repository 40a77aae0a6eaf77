/**
 * The steps that bring one placement from what is there to what is wanted, in order, each with its reason.
 * Pure. What must go first (a lost holder, another wiring) is undone before it is made anew.
 */
import { restartsOf, wantsInstance } from "./realized-of.ts";
import type { Sight } from "./realized-of.ts";
import { isDone, isDue } from "./restart.ts";
import type { LiveConfig, SeenPlacement, SeenThing } from "./seen.ts";
import type { ProvisionStep } from "./step.ts";

export function planPlacement(target: SeenPlacement, sight: Sight, nowMs: number): ProvisionStep[] {
  const { uid } = target.placement;
  if (sight.failure !== undefined && sight.failure.retryAtMs > nowMs) return [];
  const gone = sight.thing !== undefined && lostNamespace(sight.thing);
  // Whatever is left of a namespace that is gone is of no use to the next one.
  const start = gone ? undefined : sight.thing;
  const why = "its network namespace is gone, and all that was in it";
  const removing: ProvisionStep[] = gone
    ? [...stopProbe(sight.thing, uid, why), { kind: "remove", uid, why }]
    : [];
  const run = instanceSteps(target, { ...sight, thing: start }, nowMs);
  return [
    ...removing,
    ...holderSteps(target, start),
    ...wiringSteps(target, start),
    ...run.steps,
    ...(run.willRun ? configSteps(target, start) : []),
    ...probeSteps(target, start, run.willRun),
  ];
}

/** Also when the holder alone was taken away: what it left runs in a namespace that nobody can name any more. */
function lostNamespace({ holder, instance, wires }: SeenThing): boolean {
  return holder === undefined ? wires || instance !== undefined : !holder.running;
}

function stopProbe(thing: SeenThing | undefined, uid: string, why: string): ProvisionStep[] {
  return thing?.probing === true ? [{ kind: "stopProbe", uid, why }] : [];
}

function holderSteps(target: SeenPlacement, thing: SeenThing | undefined): ProvisionStep[] {
  if (thing?.holder !== undefined) return [];
  return [{ kind: "createHolder", uid: target.placement.uid, target, why: "nothing of it is there" }];
}

function wiringSteps(target: SeenPlacement, thing: SeenThing | undefined): ProvisionStep[] {
  const { uid } = target.placement;
  if (thing?.wiring === target.wanted.wiring)
    return thing.drift === undefined ? [] : [{ kind: "mendWiring", uid, target, why: lost(thing.drift) }];
  const why = thing?.wiring === undefined ? "it is not wired" : "its interfaces or routes changed";
  return [
    ...stopProbe(thing, uid, why),
    ...(thing?.wires === true ? [{ kind: "unwire" as const, uid, why }] : []),
    { kind: "wire", uid, target, why },
  ];
}

function instanceSteps(
  target: SeenPlacement,
  sight: Sight,
  nowMs: number,
): { readonly steps: ProvisionStep[]; readonly willRun: boolean } {
  const { placement, wanted } = target;
  const { uid } = placement;
  const instance = sight.thing?.instance;
  const start = (why: string): ProvisionStep => ({ kind: "startInstance", uid, target, why });
  if (!wantsInstance(placement)) return { steps: [], willRun: true };
  if (instance === undefined) return { steps: [start("it is not there")], willRun: true };
  if (instance.spec !== wanted.spec) {
    const why = "its image, command or limits changed";
    return { steps: [{ kind: "stopInstance", uid, why }, start(why)], willRun: true };
  }
  if (instance.running) return { steps: [], willRun: true };
  if (isDone(placement, instance) || !isDue(instance, restartsOf(sight), nowMs))
    return { steps: [], willRun: false };
  return { steps: [start(`it ended${exitText(instance.ended?.exitCode)}`)], willRun: true };
}

function exitText(exitCode: number | undefined): string {
  return exitCode === undefined ? "" : ` with ${exitCode}`;
}

/** Rules live in the namespace: an instance started anew finds them as they were. */
function configSteps(target: SeenPlacement, thing: SeenThing | undefined): ProvisionStep[] {
  const { placement, wanted } = target;
  if (placement.kind === "workload") return [];
  const why = configFault(thing?.config, wanted.config);
  return why === undefined ? [] : [{ kind: "loadConfig", uid: placement.uid, target, why }];
}

function configFault(live: LiveConfig | undefined, wanted: string | undefined): string | undefined {
  if (live === undefined) return "no configuration is live";
  if (live.hash !== wanted) return "its configuration changed";
  return live.drift === undefined ? undefined : lost(live.drift);
}

function lost(drift: string): string {
  return `somebody took away: ${drift}`;
}

function probeSteps(target: SeenPlacement, thing: SeenThing | undefined, willRun: boolean): ProvisionStep[] {
  const { placement, wanted } = target;
  if (placement.kind === "workload") return [];
  const configured = thing?.config !== undefined || willRun;
  const stays = thing?.probing === true && thing.wiring === wanted.wiring;
  if (stays || !configured) return [];
  return [{ kind: "startProbe", uid: placement.uid, target, why: "nothing asks whether packets pass" }];
}
