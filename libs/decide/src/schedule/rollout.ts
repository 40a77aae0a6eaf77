/**
 * Which of its generations a group shall run: the one that is asked for, or, where shards of it did not become ready in
 * time, the last one of which all were. Both stand in the group's placement, so whoever leads next decides the same.
 */
import type { FunctionGroup, ProvenSpec, Rollout } from "@weft/schemas";
import { durationSeconds, instantMs } from "@weft/schemas";
import { isSameJson } from "../admit/canonical.ts";
import type { ShardOrder } from "./shard-placement.ts";
import type { ShardSight } from "./shard-sight.ts";

type Asked = Omit<ShardOrder, "group">;

/** What shards are to be made of now. */
export function targetOf(asked: Asked, rollout: Rollout | undefined): Asked {
  const { proven } = rollout ?? {};
  if (proven === undefined || rollout?.rolledBack?.generation !== asked.intent.generation) return asked;
  const { generation, intentRevision, image, ...made } = proven;
  const { image: _refused, ...spec } = asked.intent.document.spec;
  const document: FunctionGroup = {
    ...asked.intent.document,
    spec: { ...spec, ...made, ...(image === undefined ? {} : { image }) },
  };
  return { ...asked, intent: { ...asked.intent, generation, document }, revision: intentRevision };
}

/** The record as it should be now: a new generation forgets the failure of the one before. */
export function rolloutOf(
  asked: Asked,
  at: {
    readonly before: Rollout | undefined;
    readonly staying: readonly ShardSight[];
    readonly now: string;
  },
): Rollout | undefined {
  const { before } = at;
  const { generation } = asked.intent;
  if (before?.rolledBack?.generation === generation) return before;
  const { proven } = before ?? {};
  if (isComplete(generation, at.staying))
    return { proven: { ...madeOf(asked), generation, intentRevision: asked.revision } };
  const failed = proven === undefined || isMadeOf(proven, asked) ? undefined : overdue(asked, at);
  if (failed !== undefined)
    return {
      ...before,
      rolledBack: {
        generation,
        intentRevision: asked.revision,
        at: at.now,
        message: failureText(asked, failed),
      },
    };
  return proven === undefined ? undefined : { proven };
}

/** All carry the generation, and all that can be expected to are ready with it. */
function isComplete(generation: number, staying: readonly ShardSight[]): boolean {
  return (
    staying.some(({ current }) => current) &&
    staying.every(({ value, current, excused }) => value.generation === generation && (current || excused))
  );
}

/** What a generation's shards are made of, without which generation it is. */
function madeOf({ intent }: Asked): Omit<ProvenSpec, "generation" | "intentRevision"> {
  const { function: name, runtime, image, resources, config } = intent.document.spec;
  const own = image === undefined ? {} : { image };
  return { function: name, runtime, ...own, resources, config };
}

function isMadeOf(proven: ProvenSpec, asked: Asked): boolean {
  const { generation, intentRevision } = proven;
  return isSameJson(proven, { ...madeOf(asked), generation, intentRevision });
}

/** The first that was told this generation and has not been ready with it for longer than the deadline. */
function overdue(
  { intent }: Asked,
  { staying, now }: { readonly staying: readonly ShardSight[]; readonly now: string },
): ShardSight | undefined {
  const deadlineMs = durationSeconds(intent.document.spec.update.deadline) * 1000;
  return staying.find(
    ({ value, behindSince, excused }) =>
      value.generation === intent.generation &&
      behindSince !== undefined &&
      !excused &&
      instantMs(now) - instantMs(behindSince) > deadlineMs,
  );
}

function failureText({ intent }: Asked, { value }: ShardSight): string {
  const { deadline } = intent.document.spec.update;
  return `${value.name} was not ready with generation ${intent.generation} within ${deadline}`;
}
