/**
 * The demonstration as a program (`npm start`): starts a lab, runs it, shows the result, removes the lab.
 * --once leaves after the result instead of staying until Ctrl-C; --json prints the result as the last line.
 * Progress goes to stderr, the answer to stdout.
 */
import { parseArgs } from "node:util";
import { WeftError } from "@weft/schemas";
import { labHolder, otherLabMessage } from "../../../../setup/lab-lock.mjs";
import { cacheDirectory } from "../../../../setup/programs.mjs";
import { labFolder, labStatus, startLab, stopLab } from "../index.ts";
import { requireRoot } from "../root.ts";
import type { LabEndpoints } from "../state.ts";
import { demonstrate } from "./demonstration.ts";
import { say, showResult, showWhatNext } from "./display.ts";
import type { DemonstrationResult } from "./result.ts";
import { faultsOf } from "./result.ts";
import { weftOfLab } from "./weft-port.ts";

const nodes = 3;
const { values: options } = parseArgs({
  options: { once: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => interrupted.abort(new WeftError("conflict", `Interrupted by ${signal}.`)));

/** From its first step on, the lab is this demonstration's own; one that refused to start may be another's. */
let begunLab = false;

async function main(): Promise<number> {
  try {
    await requireNoLab();
    return await inLab();
  } catch (cause) {
    say.fault(interrupted.signal.aborted ? "Interrupted." : textOf(cause));
    return interrupted.signal.aborted ? 130 : 1;
  } finally {
    if (begunLab) await removeLab();
  }
}

async function requireNoLab(): Promise<void> {
  requireRoot("npm start");
  if (labStatus() !== undefined)
    throw new WeftError(
      "conflict",
      "A lab is up already, and the demonstration wants one of its own: stop it with `npx weft down` first.",
    );
  const holder = await labHolder();
  if (holder !== undefined && holder !== labFolder())
    throw new WeftError("conflict", otherLabMessage(holder));
}

async function removeLab(): Promise<void> {
  say.step("Removing the lab");
  await stopLab({ onStep: say.detail });
  const stays = `the system packages, node_modules, the Docker images and ${cacheDirectory()}`;
  say.detail(`removed all but ${stays}`);
}

async function inLab(): Promise<number> {
  const { signal } = interrupted;
  const begun = performance.now();
  say.step(`Starting a lab of ${nodes} nodes on this machine`);
  const { endpoints } = await startLab({ nodes, signal, onStep });
  if (endpoints === undefined) throw new WeftError("internal", "The lab names no endpoints.");
  const result = await abortable(run(endpoints, begun), signal);
  const faults = faultsOf(result);
  await showResult(result, weftOfLab(endpoints), options.json);
  for (const fault of faults) say.fault(fault);
  if (!options.once && faults.length === 0) {
    showWhatNext(endpoints);
    await untilAborted(signal);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  return faults.length === 0 ? 0 : 1;
}

function onStep(text: string): void {
  begunLab = true;
  say.detail(text);
}

async function run(endpoints: LabEndpoints, begun: number): Promise<DemonstrationResult> {
  const counted = await demonstrate(weftOfLab(endpoints, interrupted.signal), say);
  return { ...counted, seconds: Math.round((performance.now() - begun) / 100) / 10 };
}

/** Gives up waiting at once when interrupted; what was begun ends with the lab. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  return Promise.race([work, aborted.promise]);
}

/** A promise alone does not keep Node running, and neither do signal handlers: the timer does. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 60_000);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const faults =
    cause instanceof WeftError ? cause.faults.map(({ path, message }) => `\n  ${path}: ${message}`) : [];
  return `${cause.message}${faults.join("")}`;
}

try {
  process.exitCode = await main();
} catch (cause) {
  say.fault(`The lab could not be removed: ${textOf(cause)}`);
  process.exitCode = 1;
}
process.exit();
