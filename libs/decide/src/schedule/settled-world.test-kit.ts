/** The world that most tests of the scheduler begin in: three nodes, a network, and what is asked for runs. Used by tests alone. */
import type { ShardPlacement } from "@weft/schemas";
import { network } from "../admit/world.test-kit.ts";
import { decideSchedule } from "./decide-schedule.ts";
import { SimulatedWorld } from "./simulated-world.test-kit.ts";

export const nodeNames = ["node-1", "node-2", "node-3"];

/** Nobody has done anything yet. */
export function askedWorld(...documents: readonly unknown[]): SimulatedWorld {
  const made = new SimulatedWorld();
  for (const node of nodeNames) made.node(node);
  for (const one of [network("inside", ["10.1.0.0/16"]), ...documents]) made.apply(one);
  return made;
}

/** Everybody has done all that there was to do. */
export function settledWorld(...documents: readonly unknown[]): SimulatedWorld {
  const made = askedWorld(...documents);
  made.settle();
  return made;
}

/** `kind key` of what the scheduler would do next. */
export function stepsOf(made: SimulatedWorld): string[] {
  return decideSchedule(made, made.now).map(({ kind, key }) => `${kind} ${key}`);
}

export function shardsOf(made: SimulatedWorld): ShardPlacement[] {
  return [...made.placements.values()].flatMap(({ value }) => (value.kind === "shard" ? [value] : []));
}

/** Names of the instances that are not leaving, each with its node. */
export function standingIn(made: SimulatedWorld): Record<string, string> {
  return Object.fromEntries(
    [...made.placements.values()].flatMap(({ value }) =>
      (value.kind === "shard" || value.kind === "workload") && !value.leaving
        ? [[value.name, value.node]]
        : [],
    ),
  );
}
