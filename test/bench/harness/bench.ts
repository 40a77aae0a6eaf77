/**
 * What a bench is: figures of contestants that were run side by side, and the bounds that they must keep.
 * Describes only. Taking figures is left to measure.ts, comparing them with their bounds to judge.ts.
 */

/** Base units alone, as in rows and events; `count` and `ratio` are plain numbers. */
export type Unit = "s" | "bytes" | "cores" | "count" | "ratio";

export interface Figure {
  readonly unit: Unit;
  /** One value for each run, in the order in which they were taken. */
  readonly runs: readonly number[];
}

/** `figure ≤ times × of + plus`; without `of`, `figure ≤ plus`. */
export interface Bound {
  readonly figure: string;
  readonly times?: number;
  readonly of?: string;
  readonly plus?: number;
  /** What is held against the bound: the median of the runs (the default), or their worst, where no run may exceed it. */
  readonly by?: "median" | "worst";
}

export interface Measured {
  readonly figures: Readonly<Record<string, Figure>>;
  /** What else belongs beside the figures: versions of the peers, sizes, slopes. No host names and no paths. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

export interface Bench {
  /** The name of its file, which `npm run bench -- NAME` takes. */
  readonly name: string;
  /** What is set side by side, in a sentence or two: what is timed, what isn't. */
  readonly compares: string;
  readonly bounds: readonly Bound[];
  /** Leaves nothing behind. `say` tells whoever watches how far it is. */
  measure(say: (line: string) => void): Promise<Measured>;
}
