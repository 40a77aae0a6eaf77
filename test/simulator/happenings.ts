/** What may happen next in a history, and how often: chosen so that faults meet slots in flight, and flows that drain. */
import type { Fault } from "./faults.ts";

/** How often each happens, in parts of their sum. */
const ordinary = {
  stitcher: 14,
  agent: 36,
  scheduler: 4,
  health: 5,
  deliver: 12,
  chassis: 14,
  speak: 6,
  open: 10,
  close: 3,
  stray: 4,
  calm: 3,
  scale: 2.5,
  later: 0.5,
};

function faultWeights(rate: number): Record<Fault, number> {
  return {
    crashStitcher: rate * 0.5,
    crashAgent: rate,
    kill: rate * 0.5,
    doubt: rate * 0.5,
    doubtAll: rate * 0.15,
    cutOff: rate * 0.3,
    rejoin: rate * 0.8,
    freeze: rate * 0.8,
    thaw: rate,
    standStill: rate * 0.4,
    wakeUp: rate * 0.5,
    loseLists: rate * 0.3,
    loseListsOfReturning: rate * 0.5,
    loseShims: rate * 0.15,
  };
}
export type Happening = keyof typeof ordinary | Fault;

/** `rate`: of the faults among all that happens. */
export function weightsAt(rate: number): Record<Happening, number> {
  return { ...ordinary, ...faultWeights(rate) };
}
