/**
 * plan: the steps that the services would take if a request were carried out, found by their own decisions in a simulated world.
 * The world is first let settle as it is: what would happen anyhow is no part of the plan. What OVN and the nodes hold is then
 * what the records ask for, so that drift which is being repaired does not show either.
 */
import type { IntentRecord, PlannedStep } from "@weft/schemas";
import type { IntentWrite } from "../admit/index.ts";
import { canonicalText } from "../admit/index.ts";
import { concernOfRecord } from "./concerns.ts";
import type { Agents } from "./provision-stage.ts";
import { settle } from "./settle.ts";
import type { PlanRecords, SimulatedWorld } from "./simulated-world.ts";
import { newName, put, simulatedWorld } from "./simulated-world.ts";

export interface PlanRequest extends Agents {
  readonly records: PlanRecords;
  /** What admission let in. */
  readonly writes: readonly IntentWrite[];
}

export function planSteps(request: PlanRequest): PlannedStep[] {
  if (request.writes.length === 0) return [];
  const world = simulatedWorld(request.records);
  settle(world, request);
  const asked = request.writes.map((write) => writeIntent(world, write, request.now));
  return eachOnce([...asked, ...settle(world, request)]);
}

function writeIntent(world: SimulatedWorld, write: IntentWrite, now: string): PlannedStep {
  const { key, document, generation } = write;
  const before = world.intents.get(key)?.value;
  const step = { service: "intent", key, ...concernOfRecord(key) };
  if (document === undefined) {
    world.intents.delete(key);
    return { ...step, kind: "deleteDocument", why: "its deletion is asked for" };
  }
  put<IntentRecord>(world, world.intents, key, {
    document,
    uid: before?.uid ?? newName(world, "intent"),
    generation,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    cause: before?.cause ?? "",
  });
  if (before === undefined) return { ...step, kind: "createDocument", why: "it is not there yet" };
  const sameSpec = canonicalText(before.document.spec) === canonicalText(document.spec);
  const why = sameSpec ? "its labels differ" : "its spec differs";
  return { ...step, kind: "changeDocument", why };
}

/** A step that is taken again for the same reason, such as a report, says nothing new. */
function eachOnce(steps: readonly PlannedStep[]): PlannedStep[] {
  return [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()];
}
