/** A plan as text: what becomes of the documents, then the steps of each service, those of one kind about one thing on one line. Pure. */
import type { Accepted, PlannedStep } from "@weft/schemas";
import { changesText } from "./changes-text.ts";
import type { Column } from "./table.ts";
import { tableText } from "./table.ts";

interface Line {
  readonly first: PlannedStep;
  readonly count: number;
}

const columns: readonly Column<Line>[] = [
  { title: "service", cell: ({ first }) => first.service },
  { title: "node", cell: ({ first }) => first.node ?? "-" },
  { title: "step", cell: ({ first, count }) => (count === 1 ? first.kind : `${first.kind} ×${count}`) },
  { title: "concerns", cell: ({ first }) => first.concerns },
  { title: "why", cell: ({ first }) => first.why },
];

export function planText(accepted: Accepted, nowMs: number): string {
  const { steps = [] } = accepted;
  const changes = changesText(accepted, true);
  return steps.length === 0
    ? `${changes}\nnothing would be done\n`
    : `${changes}\n${tableText(columns, linesOf(steps), nowMs)}`;
}

/** By service in the order of their first steps. */
function linesOf(steps: readonly PlannedStep[]): Line[] {
  const byService = Map.groupBy(steps, ({ service }) => service);
  return [...byService.values()].flatMap((own) => {
    const lines = Map.groupBy(own, ({ node, kind, tenant, concerns }) =>
      [node, kind, tenant, concerns].join(" "),
    );
    return [...lines.values()].flatMap(([first, ...more]) =>
      first === undefined ? [] : [{ first, count: 1 + more.length }],
    );
  });
}
