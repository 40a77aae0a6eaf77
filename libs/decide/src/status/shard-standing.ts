/**
 * A shard's state and why it has it, from its placement, its realized record and the verdict on it.
 * Records of an earlier shard of the same name (another placement's uid) count for nothing.
 */
import type { RealizedRecord, ShardHealth, ShardPlacement, ShardState } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { exitText, latest, reasonOf } from "./standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";
import { nodeIsLost } from "./world.ts";

export interface ShardStanding {
  readonly state: ShardState;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
  /** Ready, and with the configuration that its placement carries. */
  readonly current: boolean;
  readonly restarts: number;
  readonly readyAt: string | null;
}

export function shardStanding(world: StatusWorld, placement: StatusEntry<ShardPlacement>): ShardStanding {
  const { value } = placement;
  const key = recordKey("shard", value.tenant, value.name);
  const realizedEntry = world.realized.get(key);
  const realized = realizedEntry?.value.placementUid === value.uid ? realizedEntry : undefined;
  const verdict = world.health.get(key)?.value;
  const health = verdict?.kind === "shard" && verdict.placementUid === value.uid ? verdict : undefined;
  return {
    ...stateOf(world, placement, { realized, health }),
    restarts: realized?.value.restarts ?? 0,
    readyAt: health?.readyAt ?? null,
  };
}

interface Signs {
  readonly realized: StatusEntry<RealizedRecord> | undefined;
  readonly health: ShardHealth | undefined;
}
type State = Omit<ShardStanding, "restarts" | "readyAt">;

function stateOf(
  world: StatusWorld,
  { value, at }: StatusEntry<ShardPlacement>,
  { realized, health }: Signs,
): State {
  const is = (state: ShardState, reason: string, message: string, since: string): State => ({
    state,
    reason,
    message,
    since,
    current: false,
  });
  if (value.leaving) return is("draining", "Leaving", "it is leaving", at);
  const lost = nodeIsLost(world, value.node);
  if (lost !== undefined) return is("failed", "NodeLost", `${value.node} is lost`, lost.at);
  const fault = realized?.value.fault;
  if (realized !== undefined && fault !== undefined && health?.generation !== value.generation)
    return is(
      health?.state === "ready" ? "ready" : "failed",
      reasonOf(fault.code),
      fault.message,
      realized.at,
    );
  if (health?.state === "failed") return is("failed", health.reason, health.message, health.since);
  if (health?.state !== "ready" && (realized?.value.state === "failed" || realized?.value.state === "exited"))
    return is(
      "failed",
      reasonOf(realized.value.state),
      `it ${realized.value.state}${exitText(realized.value)} on ${value.node}`,
      realized.at,
    );
  if (health?.state === "ready") return readyState(value, health, at);
  if (realized === undefined)
    return is("pending", "NotStarted", `the agent of ${value.node} has not started it yet`, at);
  if (realized.value.state === "creating")
    return is("starting", "Creating", `the agent of ${value.node} is starting it`, realized.at);
  return is("starting", "ProbePending", "its probe has not passed through it yet", realized.at);
}

function readyState(value: ShardPlacement, health: ShardHealth, at: string): State {
  const current = health.generation === value.generation;
  return {
    state: "ready",
    reason: current ? health.reason : "Updating",
    message: current
      ? health.message || "its probe passes through it"
      : `it still runs generation ${health.generation}, ${value.generation} is wanted`,
    since: current ? health.since : latest([health.since, at]),
    current,
  };
}
