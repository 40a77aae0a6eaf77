/**
 * Figures against their bounds. Reads both, returns what each came to and whether it holds.
 * A bound on a figure that was not taken does not hold. Printing and keeping are left to report.ts.
 */
import type { Bound, Figure } from "./bench.ts";
import { median } from "./measure.ts";

export interface Verdict extends Bound {
  /** The median, or the worst run. */
  readonly value: number;
  readonly limit: number;
  /** Value by the median of `of`, where there is one. */
  readonly ratio?: number;
  readonly holds: boolean;
}

export function judge(
  bounds: readonly Bound[],
  figures: Readonly<Record<string, Figure>>,
): readonly Verdict[] {
  return bounds.map((bound) => {
    const runs = figures[bound.figure]?.runs ?? [];
    const value = bound.by === "worst" && runs.length > 0 ? Math.max(...runs) : median(runs);
    const plus = bound.plus ?? 0;
    if (bound.of === undefined) return { ...bound, value, limit: plus, holds: value <= plus };
    const reference = median(figures[bound.of]?.runs ?? []);
    const limit = (bound.times ?? 1) * reference + plus;
    return { ...bound, value, limit, ratio: value / reference, holds: value <= limit };
  });
}

/** "ours ≤ 1.5 × theirs + 0.5" */
export function inWords({ figure, times, of, plus, by }: Bound): string {
  const factor = times === undefined || times === 1 ? "" : `${times} × `;
  const parts = [...(of === undefined ? [] : [`${factor}${of}`]), ...(plus === undefined ? [] : [`${plus}`])];
  return `${figure}${by === "worst" ? " (worst run)" : ""} ≤ ${parts.join(" + ")}`;
}
