/**
 * Repeatable chance: a seed gives the same draws on every machine.
 * Reads a seed.
 * What is drawn is left to the caller.
 */
import { randomFrom } from "./random-writer.ts";

export interface Draw {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T | undefined;
}

export function drawFrom(seed: number): Draw {
  const random = randomFrom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  return { below, chance: (probability) => random() < probability, pick: (from) => from[below(from.length)] };
}
