/**
 * What of a placement decides whether its instance is started anew and whether it is wired anew.
 * The agent hashes these objects as they stand, so the order of their fields must stay: else every shard would be made anew.
 */
import type { InstancePlacement } from "@weft/schemas";

export interface WantedParts {
  /** What the instance is started from: image, command, limits. */
  readonly spec: object;
  /** Interfaces, routes and bandwidth, those of the probe's two hosts included. */
  readonly wiring: object;
}

export function wantedParts(placement: InstancePlacement): WantedParts {
  const { runtime, image, resources, interfaces, routes } = placement;
  const { cpu, memory, bandwidth } = resources;
  const probe = placement.kind === "shard" ? placement.probe : undefined;
  const run = placement.kind === "shard" ? placement.function : placement.command;
  return { spec: { runtime, image, cpu, memory, run }, wiring: { interfaces, routes, probe, bandwidth } };
}
