/** The scheduler in a simulated world: its decision, and what each of its steps leaves in weft_placements. */
import type { ScheduleStep } from "../schedule/index.ts";
import { decideSchedule } from "../schedule/index.ts";
import { concernOfRecord } from "./concerns.ts";
import type { PlannedStep } from "@weft/schemas";
import type { SimulatedWorld } from "./simulated-world.ts";
import { newName, put } from "./simulated-world.ts";

type StepOf<Kind extends ScheduleStep["kind"]> = Extract<ScheduleStep, { kind: Kind }>;
type Effects = {
  readonly [Kind in ScheduleStep["kind"]]: (world: SimulatedWorld, step: StepOf<Kind>) => void;
};

const effects: Effects = {
  placeGroup: (world, { key, record }) => put(world, world.placements, key, record),
  placeUplink: (world, { key, record }) => put(world, world.placements, key, record),
  placeShard: (world, { key, record }) =>
    put(world, world.placements, key, { ...record, uid: newName(world, "placement") }),
  placeWorkload: (world, { key, record }) =>
    put(world, world.placements, key, { ...record, uid: newName(world, "placement") }),
  changePlacement: (world, { key, record }) => put(world, world.placements, key, record),
  leave: (world, { key, record }) => put(world, world.placements, key, record),
  takeBack: (world, { key, record }) => put(world, world.placements, key, record),
  forget: (world, { key }) => void world.placements.delete(key),
};

export function scheduleStage(world: SimulatedWorld, now: string): PlannedStep[] {
  const steps = decideSchedule(world, now);
  for (const step of steps) take(world, step);
  return steps.map(({ kind, key, why }) => ({
    service: "scheduler",
    kind,
    key,
    why,
    ...concernOfRecord(key),
  }));
}

function take<Kind extends ScheduleStep["kind"]>(world: SimulatedWorld, step: StepOf<Kind>): void {
  const effect: (world: SimulatedWorld, step: StepOf<Kind>) => void = effects[step.kind];
  effect(world, step);
}
