/**
 * Taking figures fairly: contestants in turn, so that what disturbs the machine meets all of them.
 * Reads the monotonic clock; returns seconds.
 * What a contestant does is left to its bench.
 */
import type { Figure, Measured } from "./bench.ts";

export interface Interleaved {
  readonly rounds: number;
  /** Rounds that go first and are not kept: caches, compilers, pools. Default 1. */
  readonly warmUps?: number;
}

/** Runs every contestant once a round, each round beginning with another one; each returns its own figure. */
export async function interleaved<Name extends string>(
  { rounds, warmUps = 1 }: Interleaved,
  contestants: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -warmUps; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + warmUps + turn) % names.length];
      if (name === undefined) continue;
      const value = await contestants[name]();
      if (round >= 0) runs[name].push(value);
    }
  }
  return runs;
}

/** How long it takes, in seconds. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

export function seconds<Name extends string>(
  runs: Readonly<Record<Name, readonly number[]>>,
): Record<Name, Figure> {
  const names = Object.keys(runs) as Name[];
  const figures = names.map((name) => [name, { unit: "s", runs: runs[name] } satisfies Figure] as const);
  return Object.fromEntries(figures) as Record<Name, Figure>;
}

/** Of each figure the runs of all rounds, whatever they came to; facts as the last round tells them. */
export function joined(rounds: readonly Measured[]): Measured {
  const names = new Set(rounds.flatMap(({ figures }) => Object.keys(figures)));
  const figures = [...names].map((name) => {
    const taken = rounds.flatMap((round) => round.figures[name] ?? []);
    const unit = taken[0]?.unit ?? "count";
    return [name, { unit, runs: taken.flatMap(({ runs }) => runs) } satisfies Figure] as const;
  });
  const facts = rounds.flatMap((round) => Object.entries(round.facts ?? {}));
  return { figures: Object.fromEntries(figures), facts: Object.fromEntries(facts) };
}

/** Of a run that counted once. */
export function count(value: number): Figure {
  return { unit: "count", runs: [value] };
}

/** The middle value, of an even number the mean of the two. NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
