/**
 * What all endpoints of a run report, put together: each group once, whichever programs it ran in, and what was lost in each
 * window. Pure.
 */
import type { Breakage, GroupReport } from "./programs/orders.ts";

export interface Summary extends Omit<GroupReport, "breakages"> {
  readonly breakages: readonly Breakage[];
  /** Datagrams that were sent in a window and never came; of connections messages that no answer came to. */
  readonly lost: readonly number[];
}

/** By group. Pushed datagrams are sent by those who serve and counted by those who subscribed. */
export function summarize(reports: readonly GroupReport[]): Record<string, Summary> {
  const names = [...new Set(reports.map(({ group }) => group))];
  const sums = names.map((name) => {
    const [first, ...others] = reports.filter(({ group }) => group === name);
    return first === undefined ? [] : [others.reduce(both, first)];
  });
  const pushed = sums.flat().find(({ group }) => group === "pushed")?.sent;
  return Object.fromEntries(
    sums.flat().map((sum) => {
      const sent = sum.kind === "push" ? (pushed ?? []) : sum.sent;
      return [sum.group, { ...sum, sent, lost: sent.map((count, at) => count - (sum.received[at] ?? 0)) }];
    }),
  );
}

function both(a: GroupReport, b: GroupReport): GroupReport {
  return {
    group: a.group,
    kind: a.kind,
    opened: a.opened + b.opened,
    notOpened: a.notOpened + b.notOpened,
    broken: a.broken + b.broken,
    breakages: [...a.breakages, ...b.breakages],
    wrong: a.wrong + b.wrong,
    sent: perWindow(a.sent, b.sent, (x, y) => x + y),
    received: perWindow(a.received, b.received, (x, y) => x + y),
    doubled: a.doubled + b.doubled,
    reordered: a.reordered + b.reordered,
    worstGapMs: perWindow(a.worstGapMs, b.worstGapMs, Math.max),
    outages: Object.fromEntries(
      [...new Set([...Object.keys(a.outages), ...Object.keys(b.outages)])].map((name) => [
        name,
        (a.outages[name] ?? 0) + (b.outages[name] ?? 0),
      ]),
    ),
  };
}

function perWindow(
  a: readonly number[],
  b: readonly number[],
  join: (x: number, y: number) => number,
): number[] {
  const windows = Math.max(a.length, b.length);
  return Array.from({ length: windows }, (_, at) => join(a[at] ?? 0, b[at] ?? 0));
}
