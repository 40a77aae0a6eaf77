/** A workload is ready when it runs as placed and its ports are up. Reads placements, realized, stitched and lost nodes. */
import type { IntentRecord, Workload, WorkloadPlacement } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import type { Standing } from "./standing.ts";
import { exitText, latest, readySince, reasonOf, waiting } from "./standing.ts";
import { stitchedStanding } from "./stitched-standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";
import { nodeIsLost } from "./world.ts";

export type WorkloadIntent = StatusEntry<IntentRecord & { readonly document: Workload }>;

export interface WorkloadStatus {
  readonly standing: Standing;
  readonly fields: {
    readonly node?: string;
    readonly addresses: readonly string[];
    readonly restarts: number;
  };
}

export function workloadStatus(intent: WorkloadIntent, world: StatusWorld): WorkloadStatus {
  const { tenant = "", name } = intent.value.document.metadata;
  const key = recordKey("workload", tenant, name);
  const entry = world.placements.get(key);
  if (entry?.value.kind !== "workload" || entry.value.leaving || entry.value.intentUid !== intent.value.uid)
    return { standing: unplaced(intent, world), fields: { addresses: [], restarts: 0 } };
  const placement = { ...entry, value: entry.value };
  const realized = world.realized.get(key)?.value;
  return {
    standing: placedStanding(intent, world, placement),
    fields: {
      node: placement.value.node,
      addresses: placement.value.interfaces.flatMap(({ addresses }) => addresses),
      restarts: realized?.placementUid === placement.value.uid ? realized.restarts : 0,
    },
  };
}

function unplaced(intent: WorkloadIntent, world: StatusWorld): Standing {
  const { tenant = "", name } = intent.value.document.metadata;
  const why = world.unplaced("Workload", tenant, name);
  return why === undefined
    ? waiting("Scheduling", "the scheduler has not placed it yet", intent.at)
    : waiting(why.reason, why.message, intent.at);
}

function placedStanding(
  intent: WorkloadIntent,
  world: StatusWorld,
  { value, at }: StatusEntry<WorkloadPlacement>,
): Standing {
  if (value.generation !== intent.value.generation)
    return waiting("Updating", "the scheduler has not taken up the change yet", intent.at);
  const lost = nodeIsLost(world, value.node);
  if (lost !== undefined) return waiting("NodeLost", `${value.node} is lost`, lost.at);
  const running = runningStanding(world, value, at);
  if (!running.ready) return running;
  const stitched = stitchedStanding(world, {
    kind: "workload",
    tenant: value.tenant,
    name: value.name,
    uid: value.uid,
    generation: value.generation,
    since: at,
  });
  return stitched.ready
    ? readySince(`it runs on ${value.node}, and its ports are up`, [running.since, stitched.since])
    : stitched;
}

function runningStanding(world: StatusWorld, placement: WorkloadPlacement, at: string): Standing {
  const { tenant, name, node } = placement;
  const entry = world.realized.get(recordKey("workload", tenant, name));
  if (entry === undefined || entry.value.placementUid !== placement.uid)
    return waiting("NotStarted", `the agent of ${node} has not started it yet`, at);
  const { state, fault, generation, startedAt } = entry.value;
  if (fault !== undefined && (state !== "running" || generation !== placement.generation))
    return waiting(reasonOf(fault.code), fault.message, entry.at);
  switch (state) {
    case "creating":
      return waiting("Creating", `the agent of ${node} is starting it`, entry.at);
    case "failed":
    case "exited":
      return waiting(reasonOf(state), `its command ${state}${exitText(entry.value)} on ${node}`, entry.at);
    case "running":
      return generation === placement.generation
        ? readySince(`it runs on ${node}`, [startedAt ?? latest([entry.at])])
        : waiting("Updating", `it still runs generation ${generation}`, at);
  }
}
