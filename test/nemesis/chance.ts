/** Chance that can be had again: the same seed gives the same choices. Which moment they fall into is the machine's. */

export interface Chance {
  readonly seed: number;
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** Throws for a list without members. */
  oneOf<T>(list: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, good enough to choose victims. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    seed,
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    oneOf(list) {
      const found = list[Math.floor(next() * list.length)];
      if (found === undefined) throw new Error("nothing to choose from");
      return found;
    },
  };
}
