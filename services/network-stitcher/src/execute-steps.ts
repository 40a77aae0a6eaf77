/**
 * Carries one round out, in this order: slots (what is to change hands is written down first), the network in one transaction,
 * then what is in force by now. A refused write of slots ends the round, since the network was decided from them.
 */
import type { NetworkStep, RecordStep, StitchStep } from "@weft/decide";
import { isNetworkStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { OvnDatabases, RecordStore } from "./ports.ts";

/** Before anything else a new leader takes the northbound database over: see ovn's nb-global.ts. */
export interface TakeNorthbound {
  readonly kind: "takeNorthbound";
  readonly epoch: number;
  readonly why: string;
}
export type StitcherStep = StitchStep | TakeNorthbound;

export interface ExecutePorts {
  readonly records: RecordStore;
  readonly ovn: Pick<OvnDatabases, "claim" | "commit">;
  readonly epoch: () => number;
  readonly log: Log;
}

type StepOf<Kind extends RecordStep["kind"]> = Extract<RecordStep, { kind: Kind }>;
type Writers = {
  readonly [Kind in RecordStep["kind"]]: (step: StepOf<Kind>, records: RecordStore) => Promise<void>;
};

const writers: Writers = {
  putSlots: ({ key, record, ifRevision }, records) => records.putSlots(key, record, ifRevision),
  removeSlots: ({ key, ifRevision }, records) => records.removeSlots(key, ifRevision),
  putStitched: ({ key, record, ifRevision }, records) => records.putStitched(key, record, ifRevision),
  removeStitched: ({ key, ifRevision }, records) => records.removeStitched(key, ifRevision),
};

export async function executeSteps(steps: readonly StitcherStep[], ports: ExecutePorts): Promise<void> {
  const network: NetworkStep[] = [];
  const first: RecordStep[] = [];
  const last: RecordStep[] = [];
  for (const step of steps) {
    if (step.kind === "takeNorthbound") {
      ports.log.info({ step: step.kind, why: step.why }, "step");
      await ports.ovn.claim(step.epoch);
    } else if (isNetworkStep(step)) network.push(step);
    else (step.kind === "putSlots" ? first : last).push(step);
  }
  for (const step of first) if (!(await write(step, ports))) return;
  if (network.length > 0) await commit(network, ports);
  // Each concerns a resource of its own: one that is refused is looked at again, the others stand.
  await Promise.all(last.map((step) => write(step, ports)));
}

async function commit(steps: readonly NetworkStep[], { ovn, epoch, log }: ExecutePorts): Promise<void> {
  await ovn.commit(steps, epoch());
  const counts: Record<string, number> = {};
  for (const { kind } of steps) counts[kind] = (counts[kind] ?? 0) + 1;
  log.info({ step: "transaction", counts, why: steps[0]?.why }, "the northbound database is changed");
}

/** False when the record changed meanwhile: that change wakes the loop, and it decides again. */
async function write(step: RecordStep, { records, log }: ExecutePorts): Promise<boolean> {
  const line = { step: step.kind, key: step.key, why: step.why };
  try {
    await writeOne(step, records);
    log.info(line, "step");
    return true;
  } catch (error) {
    if (!(error instanceof WeftError) || error.code !== "conflict") throw error;
    log.info(line, "the record changed meanwhile: looking again");
    return false;
  }
}

function writeOne<Kind extends RecordStep["kind"]>(step: StepOf<Kind>, records: RecordStore): Promise<void> {
  const writer: (step: StepOf<Kind>, records: RecordStore) => Promise<void> = writers[step.kind];
  return writer(step, records);
}
