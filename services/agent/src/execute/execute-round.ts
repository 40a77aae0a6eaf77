/**
 * Carries out one round's steps: kind by kind, all of a kind together, each placement only as far as nothing failed for it.
 * What failed is noted for the next rounds; the round itself goes on for the others.
 */
import { provisionOrder } from "@weft/decide";
import type { ProvisionSeen, ProvisionStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { Executors, Fail } from "./executor.ts";
import type { Failures } from "../failures.ts";

export interface RoundContext {
  readonly executors: Executors;
  readonly failures: Failures;
  readonly log: Log;
}

/** Resolves to the steps of the placements for which something failed. */
export async function executeRound(
  steps: readonly ProvisionStep[],
  seen: ProvisionSeen,
  { executors, failures, log }: RoundContext,
): Promise<ProvisionStep[]> {
  const revisions = new Map(seen.placements.map(({ placement, revision }) => [placement.uid, revision]));
  const failed = new Set<string>();
  const fail: Fail = (uid, cause) => {
    failed.add(uid);
    // Somebody wrote the record meanwhile: the next round sees what.
    if (cause instanceof WeftError && cause.code === "conflict") return;
    failures.note(uid, revisions.get(uid) ?? 0, cause);
    log.warn({ placement: uid, err: cause }, "a placement could not be carried out: it is tried again");
  };
  const run = async (kind: ProvisionStep["kind"], only: (step: ProvisionStep) => boolean = () => true) => {
    const batch = steps.filter((step) => step.kind === kind && !failed.has(step.uid) && only(step));
    for (const { uid, why } of batch) log.info({ step: kind, placement: uid, why }, "step");
    await runKind(kind, executors[kind], batch, fail);
  };
  // Reports tell what was seen before this round: nothing that is done in it waits for them.
  const reports = Promise.all([run("putRealized"), run("deleteRealized")]);
  for (const kind of provisionOrder) {
    if (kind === "putRealized" || kind === "deleteRealized") continue;
    if (kind === "wire") await Promise.all([run("wire"), run("startInstance", needsNoNetwork)]);
    else await run(kind, (step) => !needsNoNetwork(step));
  }
  await reports;
  for (const { uid, kind } of steps)
    if (!failed.has(uid) && kind !== "putRealized" && kind !== "deleteRealized") failures.clear(uid);
  return steps.filter(({ uid }) => failed.has(uid));
}

/** A function is started while its links are made: nothing reaches it before its rules are live. A workload finds its network whole. */
function needsNoNetwork(step: ProvisionStep): boolean {
  return step.kind === "startInstance" && step.target.placement.kind === "shard";
}

/** One kind's steps; what the executor throws as a whole concerns each of them. */
async function runKind<K extends ProvisionStep["kind"]>(
  kind: K,
  executor: Executors[K],
  batch: readonly ProvisionStep[],
  fail: Fail,
): Promise<void> {
  const own = batch.filter((step): step is Extract<ProvisionStep, { kind: K }> => step.kind === kind);
  if (own.length === 0) return;
  try {
    await executor(own, fail);
  } catch (cause) {
    for (const { uid } of own) fail(uid, cause);
  }
}
