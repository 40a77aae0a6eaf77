/** Writes what became of placements into weft_realized, and takes away the records of those that are gone. */
import { WeftError } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import type { Fail, StepOf } from "./executor.ts";

/** All in one batch: a record that somebody wrote meanwhile concerns its placement alone. */
export async function report(
  steps: readonly StepOf<"putRealized" | "deleteRealized">[],
  { bus, views }: AgentPorts,
  fail: Fail,
): Promise<void> {
  const writes = steps.flatMap(({ key, ...step }) => {
    const revision = views.realized.get(key)?.revision;
    if (step.kind === "deleteRealized" && revision === undefined) return [];
    const value = step.kind === "putRealized" ? step.record : null;
    return [{ key, value, ifRevision: revision ?? 0 }];
  });
  const refused = await bus.writeEach("realized", writes);
  for (const { key, uid } of steps)
    if (refused.has(key)) fail(uid, new WeftError("conflict", `realized/${key}: changed meanwhile.`));
}
