/**
 * Carries one round out, in this order: slots (what is to change hands is written down first), the network in one transaction,
 * then what is in force by now. A refused write of slots ends the round, since the network was decided from them.
 */
import type { NetworkStep, RecordStep, RememberStore, StandStill, StitchStep } from "@weft/decide";
import { isNetworkStep } from "@weft/decide";
import type { Log } from "@weft/runtime";
import type { OvnDatabases, RecordStore, RecordWrite } from "./ports.ts";

/** Before anything else a new leader takes both databases over: see ovn's nb-global.ts and sb-global.ts. */
export interface TakeDatabases {
  readonly kind: "takeDatabases";
  readonly epoch: number;
  readonly why: string;
}
/** Somebody led under a later epoch, and Consul says that this copy leads now: it lost what it knew. */
export interface RiseAbove {
  readonly kind: "riseAbove";
  readonly epoch: number;
  readonly why: string;
}
export type StitcherStep = StitchStep | TakeDatabases | RiseAbove | RememberStore | StandStill;

export interface ExecutePorts {
  readonly records: RecordStore;
  readonly ovn: Pick<OvnDatabases, "claim" | "commit" | "rememberStore">;
  readonly epoch: () => number;
  /** Leads on under a later epoch than this one, unless another copy leads by now. */
  readonly rise: (above: number) => Promise<void>;
  /** Tells an operator why nothing is done. */
  readonly standStill: (why: string) => void;
  readonly log: Log;
}

type SlotsStep = Extract<RecordStep, { kind: "putSlots" | "removeSlots" }>;
type StitchedStep = Extract<RecordStep, { kind: "putStitched" | "removeStitched" }>;

export async function executeSteps(steps: readonly StitcherStep[], ports: ExecutePorts): Promise<void> {
  const network: NetworkStep[] = [];
  const first: SlotsStep[] = [];
  const last: { readonly slots: SlotsStep[]; readonly stitched: StitchedStep[] } = {
    slots: [],
    stitched: [],
  };
  for (const step of steps) {
    if (step.kind === "takeDatabases") {
      ports.log.info({ step: step.kind, why: step.why }, "step");
      await ports.ovn.claim(step.epoch);
    } else if (step.kind === "riseAbove") {
      ports.log.warn({ step: step.kind, why: step.why }, "step");
      await ports.rise(step.epoch);
    } else if (step.kind === "rememberStore") {
      ports.log.info({ step: step.kind, why: step.why }, "step");
      await ports.ovn.rememberStore(step.store, ports.epoch());
    } else if (step.kind === "standStill") ports.standStill(step.why);
    else if (isNetworkStep(step)) network.push(step);
    else if (step.kind === "putSlots") first.push(step);
    else if (step.kind === "removeSlots") last.slots.push(step);
    else last.stitched.push(step);
  }
  if (!(await writeSlots(first, ports))) return;
  if (network.length > 0) await commit(network, ports);
  // Each concerns a resource of its own: one that is refused is looked at again, the others stand.
  await Promise.all([writeStitched(last.stitched, ports), writeSlots(last.slots, ports)]);
}

async function commit(steps: readonly NetworkStep[], { ovn, epoch, log }: ExecutePorts): Promise<void> {
  await ovn.commit(steps, epoch());
  const counts: Record<string, number> = {};
  for (const { kind } of steps) counts[kind] = (counts[kind] ?? 0) + 1;
  log.info({ step: "transaction", counts, why: steps[0]?.why }, "the northbound database is changed");
}

/** False when a record changed meanwhile: that change wakes the loop, and it decides again. */
async function writeSlots(steps: readonly SlotsStep[], { records, log }: ExecutePorts): Promise<boolean> {
  const refused = await records.writeSlots(steps.map(writeOf));
  tell(steps, refused, log);
  return refused.size === 0;
}

async function writeStitched(steps: readonly StitchedStep[], { records, log }: ExecutePorts): Promise<void> {
  tell(steps, await records.writeStitched(steps.map(writeOf)), log);
}

function writeOf<R>(step: {
  readonly key: string;
  readonly record?: R;
  readonly ifRevision: number;
}): RecordWrite<R> {
  return { key: step.key, value: step.record ?? null, ifRevision: step.ifRevision };
}

function tell(steps: readonly RecordStep[], refused: ReadonlySet<string>, log: Log): void {
  for (const { kind, key, why } of steps) {
    const words = refused.has(key) ? "the record changed meanwhile: looking again" : "step";
    log.info({ step: kind, key, why }, words);
  }
}
