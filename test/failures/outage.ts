/**
 * One outage: the shard that the probing client's slot belongs to is broken, and the datagrams say for how long nothing passed.
 * Begins and ends with a whole group.
 */
import type { FailureLab } from "./failure-lab.ts";
import type { NumberedProbes, ProbeReport } from "./numbered-probes.ts";
import type { Stage } from "./stage-times.ts";

export interface Outage extends ProbeReport {
  readonly shard: string;
  readonly stages: Partial<Record<Stage, number>>;
}

export interface OutageRun {
  readonly lab: FailureLab;
  readonly probes: NumberedProbes;
  readonly client: string;
}

/** `prepare` finds out what to break; what it returns breaks it. `healed` is awaited once packets pass again. */
export async function outageBy(
  { lab, probes, client }: OutageRun,
  prepare: (shard: string) => Promise<() => unknown>,
  healed?: (shard: string) => Promise<void>,
): Promise<Outage> {
  await lab.whole();
  probes.newFlow();
  await probes.settled();
  const shard = lab.ownerOf(client);
  const strike = await prepare(shard);
  lab.alarms.broken(shard);
  lab.stages.begin(shard);
  probes.window();
  const atMs = Date.now();
  await strike();
  await lab.until(`${shard} has no slots`, () => lab.ownerOf(client) !== shard);
  const report = await probes.settled();
  await healed?.(shard);
  await lab.whole();
  lab.alarms.broken();
  return { ...report, shard, stages: lab.stages.since(atMs) };
}
