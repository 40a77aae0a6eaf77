/**
 * The process behind `weft up`: starts a lab, keeps it running, and removes it on SIGTERM or SIGINT.
 * Tells its starter each step; if the starter vanishes before the lab is ready, the lab is taken down again.
 * Arguments: the lab's folder, the number of nodes, and whether Weft's services run in it.
 */
import { WeftError } from "@weft/schemas";
import { labLayout } from "../layout.ts";
import { Lab } from "./lab.ts";
import { takeLock } from "./lock.ts";
import type { SupervisorMessage } from "./messages.ts";

const [folder = "", nodes = "3", services = "true"] = process.argv.slice(2);
const layout = labLayout(folder);
const lab = new Lab(layout, { nodes: Number(nodes), services: services === "true" }, (text) =>
  tell({ kind: "step", text }),
);
let ending = false;

function tell(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message, () => {});
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    await lab.stop();
    process.exitCode = code;
  } catch (cause) {
    process.stderr.write(`${String(cause)}\n`);
    process.exitCode = 1;
  }
  process.exit();
}

function fail(cause: unknown): void {
  const error = cause instanceof WeftError ? cause : new WeftError("internal", String(cause), { cause });
  lab.note(error.message);
  if (!ending) tell({ kind: "failed", code: error.code, message: error.message });
  void end(1);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end(0));
process.on("uncaughtException", fail);

try {
  await takeLock(folder);
  let ready = false;
  process.once("disconnect", () => {
    if (!ready) void end(1);
  });
  await lab.start();
  ready = true;
  tell({ kind: "ready" });
} catch (cause) {
  fail(cause);
}
