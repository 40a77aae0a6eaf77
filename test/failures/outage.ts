/**
 * One outage: the shard that the probing client's slot belongs to is broken, and the datagrams say for how long nothing passed.
 * Begins and ends with a whole group.
 */
import { recordKey } from "@weft/schemas";
import { prepareFunctionEnd, prepareGray } from "./damage.ts";
import { tenant } from "./documents.ts";
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
  const loaded = loadedAt(lab, shard);
  lab.alarms.broken(shard);
  lab.stages.begin(shard);
  probes.window();
  const atMs = Date.now();
  await strike();
  // An agent whose slow look comes just now loads flushed rules again before anybody has noticed: that ends an outage too.
  await lab.until(
    `${shard} has no slots, or its rules again`,
    () => lab.ownerOf(client) !== shard || (loadedAt(lab, shard) ?? loaded) !== loaded,
  );
  const report = await probes.settled();
  await healed?.(shard);
  await lab.whole();
  lab.alarms.broken();
  return { ...report, shard, stages: lab.stages.since(atMs) };
}

function loadedAt(lab: FailureLab, shard: string): string | undefined {
  return lab.views.realized.get(recordKey("shard", tenant, shard))?.value.configLoadedAt;
}

/** Its rules are flushed, and loaded again once packets pass. */
export async function grayOutage(at: OutageRun): Promise<Outage> {
  let heal = () => Promise.resolve();
  const prepare = async (shard: string) => {
    const gray = await prepareGray(at.lab, shard);
    heal = () => gray.heal();
    return () => gray.strike();
  };
  return outageBy(at, prepare, () => heal());
}

/** The function alone is killed and started again in its place. Throws if its slots were taken away. */
export async function functionEnd({
  lab,
  probes,
  client,
}: OutageRun): Promise<ProbeReport & { shard: string }> {
  await lab.whole();
  probes.newFlow();
  await probes.settled();
  const shard = lab.ownerOf(client);
  const realized = () => lab.views.realized.get(recordKey("shard", tenant, shard))?.value;
  const before = realized()?.restarts ?? 0;
  const strike = await prepareFunctionEnd(lab, shard);
  probes.window();
  strike();
  await lab.until(`${shard} runs again`, () => {
    const now = realized();
    return now?.state === "running" && now.restarts > before;
  });
  const report = await probes.settled();
  if (lab.ownerOf(client) !== shard) throw new Error(`the slots of ${shard} were taken away`);
  return { ...report, shard };
}
