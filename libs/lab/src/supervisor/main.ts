/**
 * The process behind `weft up`: starts a lab, keeps it running, and removes it on SIGTERM or SIGINT.
 * Tells its starter each step; if the starter vanishes before the lab is ready, the lab is taken down again.
 * Arguments: the lab's folder, the number of nodes, and whether Weft's services run in it.
 */
import { WeftError } from "@weft/schemas";
import { labLayout } from "../layout.ts";
import { takeLock } from "../lock.ts";
import { Lab } from "./lab.ts";
import type { SupervisorMessage } from "./messages.ts";

const [folder = "", nodes = "3", services = "true"] = process.argv.slice(2);
const layout = labLayout(folder);
const lab = new Lab(layout, { nodes: Number(nodes), services: services === "true" }, (text) => {
  void tell({ kind: "step", text });
});
/** Until the lock is ours, everything that a lab could have on this machine is another one's, and stays. */
let locked = false;
let ready = false;
let ending = false;

function tell(message: SupervisorMessage): Promise<void> {
  if (!process.connected) return Promise.resolve();
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    if (locked) await lab.stop();
    process.exitCode = code;
  } catch (cause) {
    process.stderr.write(`${String(cause)}\n`);
    process.exitCode = 1;
  }
  process.exit();
}

async function fail(cause: unknown): Promise<void> {
  const error = cause instanceof WeftError ? cause : new WeftError("internal", String(cause), { cause });
  if (locked) lab.note(error.message);
  if (!ending) await tell({ kind: "failed", code: error.code, message: error.message });
  await end(1);
}

/** One that has the lock ends those that still wait for it, as what an earlier lab left: its starter is told why. */
function endOnSignal(): void {
  if (locked) void end(0);
  else void fail(new WeftError("conflict", "Another start or stop of this lab came first."));
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, endOnSignal);
process.on("uncaughtException", (cause) => void fail(cause));
process.once("disconnect", () => {
  if (!ready) void end(1);
});

try {
  if (!process.connected) throw new WeftError("conflict", "Whoever wanted this lab is gone.");
  await takeLock(folder);
  locked = true;
  await lab.start();
  ready = true;
  await tell({ kind: "ready" });
} catch (cause) {
  await fail(cause);
}
