/**
 * One run: a lab under traffic, faults let loose on it one upon the other, an operator at work meanwhile. Then all is healed, and
 * the lab must become what was acknowledged, and leave nothing behind. Writes nothing but the lab; tells what it injected.
 */
import { cpSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { WeftClient } from "@weft/client";
import { labFolder } from "@weft/lab";
import { dockerAnswers } from "../../setup/dockerd.mjs";
import type { MachineTrace } from "../lab/machine-trace.ts";
import { traceMachine } from "../lab/machine-trace.ts";
import { endpoints } from "../lab/lab-endpoints.ts";
import { RepairWorld } from "../lab/repair-world.ts";
import type { Summary } from "../traffic/summary.ts";
import { chanceOf } from "./chance.ts";
import type { Field, Injection } from "./injections/index.ts";
import { everyInjection, nextInjection } from "./injections/index.ts";
import { Ledger } from "./ledger.ts";
import type { OperatorCounts } from "./operator.ts";
import { Operator } from "./operator.ts";
import { Traffic } from "./traffic.ts";

/** Of the bus: three quarters of it are JetStream's, which must be able to promise the stream of events its 256 MiB. */
const storeBytes = 512 * 1024 * 1024;
const nodes = 3;
const convergesWithinMs = 180_000;
const notBegun = "did not begin";

export interface NemesisOptions {
  readonly ms: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Where the lab's logs are copied to when it did not become ready. */
  readonly logs?: string;
  /** Takes something away behind the ledger at the end: a run that does not tell of it can tell of nothing. */
  readonly betray?: boolean;
}

export interface Injected {
  readonly atSeconds: number;
  readonly kind: Injection["kind"];
  readonly target: string;
  readonly forSeconds: number;
  readonly remark?: string;
}

export interface NemesisResult {
  readonly seed: number;
  readonly seconds: number;
  readonly injected: readonly Injected[];
  readonly operator: OperatorCounts;
  /** Seconds from the last healing until all was ready; null: it never was. */
  readonly convergedAfterSeconds: number | null;
  readonly unready: readonly string[];
  readonly losses: readonly string[];
  readonly traffic: Readonly<Record<string, Summary>>;
  readonly leftOver: readonly string[];
}

export async function runNemesis(options: NemesisOptions): Promise<NemesisResult> {
  const before = traceMachine(labFolder());
  const ownDocker = !(await dockerAnswers());
  process.env["WEFT_LAB_STORE_BYTES"] = String(storeBytes);
  process.env["WEFT_LAB_CLOCKS"] = clockLibrary();
  const result = await underFaults(options, ownDocker).finally(() => {
    delete process.env["WEFT_LAB_STORE_BYTES"];
    delete process.env["WEFT_LAB_CLOCKS"];
  });
  return { ...result, leftOver: beyond(before, traceMachine(labFolder())) };
}

async function underFaults(
  options: NemesisOptions,
  ownDocker: boolean,
): Promise<Omit<NemesisResult, "leftOver">> {
  await using world = await RepairWorld.open(nodes);
  const chance = chanceOf(options.seed);
  const ledger = new Ledger();
  const operator = new Operator(clientOfLab(), ledger, chance);
  await operator.begin();
  await converged(operator, world);
  await using traffic = await Traffic.start(world);
  const names = endpoints().nodes.map(({ name }) => name);
  const field = { chance, folder: labFolder(), nodes: names, ownDocker };
  const startedAt = Date.now();
  const injected = await letLoose({ ...options, field, operator, startedAt });
  const healedAt = Date.now();
  const unready = await converged(operator, world);
  if (unready.length > 0 && options.logs !== undefined)
    cpSync(path.join(labFolder(), "logs"), options.logs, { recursive: true });
  const convergedAfterSeconds = unready.length === 0 ? (Date.now() - healedAt) / 1000 : null;
  if (options.betray === true) await operator.betray();
  return {
    seed: options.seed,
    seconds: (healedAt - startedAt) / 1000,
    injected,
    operator: operator.counts,
    convergedAfterSeconds,
    unready,
    losses: ledger.losses(await operator.actual()),
    traffic: await traffic.summary(),
  };
}

interface Loose extends NemesisOptions {
  readonly field: Field;
  readonly operator: Operator;
  readonly startedAt: number;
}

/** Faults overlap: the next one comes before the last ones are healed. */
async function letLoose(at: Loose): Promise<Injected[]> {
  const { field, operator, startedAt, ms, say } = at;
  const injected: Injected[] = [];
  const healing = new Set<Promise<void>>();
  const loose = new Set<Injection["kind"]>();
  const firstOfEach = everyInjection(field);
  while (Date.now() < startedAt + ms) {
    const injection = firstOfEach[0]?.() ?? nextInjection(field);
    if (mustWait(loose, injection)) {
      await delay(100);
      continue;
    }
    firstOfEach.shift();
    const entry = { atSeconds: (Date.now() - startedAt) / 1000, ...plain(injection) };
    say(`${entry.atSeconds.toFixed(1).padStart(7)} s  ${injection.kind}: ${injection.target}`);
    const remarks = await begin(injection);
    const index = injected.push(remarked(entry, remarks)) - 1;
    const healed = healLater(injection, (remark) => {
      injected[index] = remarked(entry, [...remarks, remark]);
    });
    healing.add(healed);
    loose.add(injection.kind);
    void healed.finally(() => {
      healing.delete(healed);
      loose.delete(injection.kind);
    });
    for (let acts = field.chance.between(0, 2); acts > 0; acts -= 1)
      say(`           ${await operator.act()}`);
    await delay(field.chance.between(500, 4_000));
  }
  await Promise.all(healing);
  return injected;
}

/** Three at once at most, and of partitions, clocks and full disks one each: a second one would be healed with the first. */
function mustWait(loose: ReadonlySet<Injection["kind"]>, { kind }: Injection): boolean {
  return loose.size >= 3 || (kind !== "kill" && loose.has(kind));
}

/** Never rejects: its victim may be gone since it was chosen. It is healed all the same, since half of it may have begun. */
async function begin(injection: Injection): Promise<string[]> {
  try {
    await injection.begin();
    return [];
  } catch (cause) {
    return [`${notBegun}: ${String(cause)}`];
  }
}

function remarked(entry: Injected, remarks: readonly string[]): Injected {
  return remarks.length === 0 ? entry : { ...entry, remark: remarks.join("; ") };
}

/** Never rejects: what was not healed is the run's to tell, and ends it no sooner than the others. */
async function healLater(injection: Injection, note: (remark: string) => void): Promise<void> {
  await delay(injection.forMs);
  const remark = await injection.heal().catch((cause: unknown) => `was not healed: ${String(cause)}`);
  if (remark !== undefined) note(remark);
}

function plain({ kind, target, forMs }: Injection): Omit<Injected, "atSeconds"> {
  return { kind, target, forSeconds: forMs / 1000 };
}

/** What is not as it should be when the time is up: nothing when all is ready and packets pass. */
async function converged(operator: Operator, world: RepairWorld): Promise<string[]> {
  const deadline = Date.now() + convergesWithinMs;
  for (;;) {
    const unready = await operator.unready().catch((cause: unknown) => [String(cause)]);
    const passes = unready.length === 0 && (await world.passes().catch(() => false));
    if (passes) return [];
    if (Date.now() > deadline) return unready.length > 0 ? unready : ["packets do not pass"];
    await delay(500);
  }
}

function clientOfLab(): WeftClient {
  const { gateways = [], tokenFile } = endpoints();
  return new WeftClient({
    url: gateways.join(","),
    token: readFileSync(tokenFile, "utf8").trim(),
    answerWithinMs: 10_000,
  });
}

function clockLibrary(): string {
  const [found] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
  if (found === undefined) throw new Error("libfaketime is not installed: npm run nemesis installs it");
  return found;
}

function beyond(before: MachineTrace, after: MachineTrace): string[] {
  return Object.entries(after).flatMap(([kind, now]: [string, readonly string[]]) => {
    const was: readonly string[] = before[kind as keyof MachineTrace];
    return now.filter((each) => !was.includes(each)).map((each) => `${kind}: ${each}`);
  });
}

/** Those that were let loose. */
export function begun({ injected }: NemesisResult): Injected[] {
  return injected.filter(({ remark = "" }) => !remark.startsWith(notBegun));
}

/** Whether a run held, in words: nothing when it did. */
export function faultsOf(result: NemesisResult): string[] {
  return [
    ...result.unready.map((text) => `not ready: ${text}`),
    ...result.losses.map((text) => `lost: ${text}`),
    ...result.leftOver.map((text) => `left over: ${text}`),
  ];
}
