/**
 * How far a change of a group's shards has come: rolling, done, or taken back. Reads what the scheduler noted in the group's
 * placement and which generation its shards carry.
 */
import type { Condition, Rollout, ShardPlacement } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import type { GroupIntent } from "./group-status.ts";
import type { Standing } from "./standing.ts";
import { waiting } from "./standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

type Staying = readonly StatusEntry<ShardPlacement>[];

/** Not ready, since what runs is not what is asked for; undefined where the change that is asked for did not fail. */
export function takenBack(intent: GroupIntent, world: StatusWorld, staying: Staying): Standing | undefined {
  const { rolledBack, proven } = rolloutOf(intent, world) ?? {};
  if (rolledBack === undefined || proven === undefined) return undefined;
  if (rolledBack.generation !== intent.value.generation) return undefined;
  const back = staying.filter(({ value }) => value.generation === proven.generation).length;
  const now = `${back} of ${staying.length} shards have generation ${proven.generation} again`;
  return waiting("RolledBack", `${rolledBack.message}; ${now}`, rolledBack.at);
}

export function progressing(intent: GroupIntent, world: StatusWorld, staying: Staying): Condition {
  const { generation } = intent.value;
  const failed = takenBack(intent, world, staying);
  const is = (status: Condition["status"], standing: Omit<Standing, "ready">): Condition => ({
    type: "Progressing",
    status,
    ...standing,
  });
  if (failed !== undefined) {
    const { ready: _ready, ...standing } = failed;
    return is("False", standing);
  }
  const since = intent.at;
  const told = staying.filter(({ value }) => value.generation === generation).length;
  if (rolloutOf(intent, world)?.proven?.generation === generation)
    return is("False", {
      reason: "Done",
      message: `generation ${generation} has reached every shard`,
      since,
    });
  const message = `${told} of ${staying.length} shards have been told generation ${generation}`;
  return is("True", { reason: "Rolling", message, since });
}

function rolloutOf(intent: GroupIntent, world: StatusWorld): Rollout | undefined {
  const { tenant = "", name } = intent.value.document.metadata;
  const placement = world.placements.get(recordKey("group", tenant, name))?.value;
  const own = placement?.kind === "group" && placement.intentUid === intent.value.uid;
  return own ? placement.rollout : undefined;
}
