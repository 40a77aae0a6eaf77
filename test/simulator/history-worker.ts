/** A thread that runs histories: told which seeds, and which guard is missing, if any; tells how they went. */
import { parentPort, workerData } from "node:worker_threads";
import { guards } from "./guards.ts";
import type { Part } from "./run-histories.ts";
import { Order } from "./run-histories.ts";
import { removeGuard } from "./without-guard.ts";

const { seeds, withoutGuard, mostFailures, endsAt = Infinity } = Order.parse(workerData);
const guard = guards.find(({ name }) => name === withoutGuard);
if (guard !== undefined) removeGuard(guard);
// Only now: what is imported from here on is without the guard.
const { History } = await import("./history.ts");

const part: Part = { histories: 0, events: 0, faults: {}, failures: [] };
for (let seed = seeds.first; seed < seeds.end && mayGoOn(); seed += seeds.step) {
  const history = new History(seed);
  const { world } = history;
  try {
    history.run();
  } catch (error) {
    const broken = error instanceof Error ? error.message : String(error);
    part.failures.push({ seed, broken, trace: [...world.trace] });
  }
  part.histories += 1;
  part.events += world.trace.length;
  for (const [fault, times] of world.faults) part.faults[fault] = (part.faults[fault] ?? 0) + times;
}
parentPort?.postMessage(part, []);

function mayGoOn(): boolean {
  return part.failures.length < mostFailures && Date.now() < endsAt;
}
