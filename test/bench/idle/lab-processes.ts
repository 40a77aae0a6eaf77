/**
 * What the services and agents of a lab have used so far: processor time, wake-ups and memory, with everything they started.
 * Reads /proc. Time is read from each thread's schedstat in nanoseconds; of children that have ended, in clock ticks.
 */
import { readFileSync, readdirSync } from "node:fs";

export interface Usage {
  readonly cpuSeconds: number;
  /** How often its threads went to sleep of their own accord, which is how often they were woken. */
  readonly wakeUps: number;
  readonly rssBytes: number;
  /** Its share of the memory that it has together with others counts by how many have it. */
  readonly pssBytes: number;
}

export interface MeasuredProcess {
  /** Of a service its folder, of an agent its node too; two copies have the same. */
  readonly name: string;
  readonly pid: number;
  readonly own: Usage;
  /** All that descend from it, those that have ended too. */
  readonly children: Usage;
}

const ticksPerSecond = 100;
const nothing: Usage = { cpuSeconds: 0, wakeUps: 0, rssBytes: 0, pssBytes: 0 };

export function labProcesses(labId: string): MeasuredProcess[] {
  const stats = readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? statOf(Number(entry)) : []));
  const childrenOf = Map.groupBy(stats, ({ parent }) => parent);
  const descendants = (pid: number): Stat[] =>
    (childrenOf.get(pid) ?? []).flatMap((child) => [child, ...descendants(child.pid)]);
  return stats.flatMap(({ pid, endedChildrenSeconds }) => {
    const name = nameOf(pid, labId);
    if (name === undefined) return [];
    const ended = { ...nothing, cpuSeconds: endedChildrenSeconds };
    const living = descendants(pid).flatMap((child) => [
      usageOf(child.pid),
      { ...nothing, cpuSeconds: child.endedChildrenSeconds },
    ]);
    return [{ name, pid, own: usageOf(pid), children: [ended, ...living].reduce(sum) }];
  });
}

export function sum(one: Usage, other: Usage): Usage {
  return {
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    wakeUps: one.wakeUps + other.wakeUps,
    rssBytes: one.rssBytes + other.rssBytes,
    pssBytes: one.pssBytes + other.pssBytes,
  };
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly endedChildrenSeconds: number;
}

/** Fields 4, 16 and 17 of /proc/PID/stat, proc(5). */
function statOf(pid: number): Stat[] {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 15) return [];
  const endedChildrenSeconds = (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
  return [{ pid, parent: Number(fields[1]), endedChildrenSeconds }];
}

/** undefined for all but services and agents of the lab. */
function nameOf(pid: number, labId: string): string | undefined {
  const [, service] =
    /\0[^\0]*services\/([a-z-]+)\/src\/main\.ts\0/.exec(textOf(`/proc/${pid}/cmdline`)) ?? [];
  if (service === undefined) return undefined;
  const environment = textOf(`/proc/${pid}/environ`).split("\0");
  const valueOf = (name: string) =>
    environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  if (valueOf("WEFT_LAB") !== labId) return undefined;
  const node = valueOf("WEFT_NODE");
  return node === undefined ? service : `${service} ${node}`;
}

function usageOf(pid: number): Usage {
  const memory = textOf(`/proc/${pid}/smaps_rollup`);
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(memory)?.[1] ?? 0);
  const threads = threadsOf(pid).map((thread) => {
    const folder = `/proc/${pid}/task/${thread}`;
    const [, switches] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(textOf(`${folder}/status`)) ?? [];
    const nanoseconds = Number.parseInt(textOf(`${folder}/schedstat`), 10);
    return { ...nothing, cpuSeconds: (nanoseconds || 0) / 1e9, wakeUps: Number(switches ?? 0) };
  });
  const own = { ...nothing, rssBytes: kilobytes("Rss") * 1_024, pssBytes: kilobytes("Pss") * 1_024 };
  return threads.reduce(sum, own);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

/** Empty when the process has ended. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
