/** Lets a simulated world come to rest: scheduler, agents, health and stitcher decide in turn. Changes the world it is given. */
import type { PlannedStep } from "@weft/schemas";
import { healthStage } from "./health-stage.ts";
import type { Agents } from "./provision-stage.ts";
import { provisionStage } from "./provision-stage.ts";
import { scheduleStage } from "./schedule-stage.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { stitchStage } from "./stitch-stage.ts";
import { uplinkStage } from "./uplink-stage.ts";

/** Replacing 64 shards one after the other takes some 300 rounds; what is longer ends here. */
const mostRounds = 1_000;

/** Every service has its turn until none has anything left to do. */
export function settle(world: SimulatedWorld, agents: Agents): PlannedStep[] {
  const taken: PlannedStep[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const before = world.serial;
    const steps = [
      ...scheduleStage(world, agents.now),
      ...provisionStage(world, agents),
      ...uplinkStage(world),
    ];
    healthStage(world, agents.now);
    steps.push(...stitchStage(world, agents.now));
    taken.push(...steps);
    if (steps.length === 0 && world.serial === before) break;
  }
  return taken;
}
