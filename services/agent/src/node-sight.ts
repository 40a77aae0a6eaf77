/**
 * All that the agent knows of its node, one of each: what is placed here, what is there, what was found bent or gone, and what failed.
 * Put together once for each agent and shared by its parts; each of them says in its own file what it knows.
 */
import type { SeenPlacement } from "@weft/decide";
import type { AgentConfig } from "./config.ts";
import { Failures } from "./failures.ts";
import { Drifts } from "./inside/drifts.ts";
import { Inventory } from "./inventory.ts";
import { LinkSight } from "./link-sight.ts";
import { Observer } from "./observe.ts";
import type { AgentPorts } from "./ports.ts";
import { Probes } from "./probe/probes.ts";

export interface NodeSight {
  readonly probes: Probes;
  readonly links: LinkSight;
  readonly drifts: Drifts;
  readonly inventory: Inventory;
  readonly failures: Failures;
  readonly observer: Observer;
  /** Of this node, as they are now. */
  readonly placements: () => readonly SeenPlacement[];
}

export function nodeSight(config: AgentConfig, { views, fabric, drivers, clock }: AgentPorts): NodeSight {
  const probes = new Probes(clock, config);
  const drifts = new Drifts();
  const inventory = new Inventory({ drivers, fabric, probes, drifts });
  const failures = new Failures(clock);
  const observer = new Observer({ node: config.node, views, inventory, failures });
  const placements = () => observer.placements();
  return { probes, links: new LinkSight(), drifts, inventory, failures, observer, placements };
}
