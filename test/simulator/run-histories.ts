/**
 * Many histories, spread over the machine's cores: each seed is one history, and one that breaks a rule tells its trace.
 * Reads nothing but its arguments. What a history is: history.ts.
 */
import { availableParallelism } from "node:os";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { History } from "./history.ts";

const Failure = z.object({ seed: z.number(), broken: z.string(), trace: z.array(z.string()) });
export type Failure = z.infer<typeof Failure>;
const Part = z.object({ histories: z.number(), events: z.number(), failures: z.array(Failure) });
export type Part = z.infer<typeof Part>;
const Seeds = z.object({ first: z.number(), step: z.number(), end: z.number() });
type Seeds = z.infer<typeof Seeds>;

/** Traces of more failures than this help nobody. */
const mostFailures = 5;

/** Seeds from `first` on; resolves when all have run, or when so many failed that the rest would tell nothing new. */
export async function runHistories(count: number, first: number): Promise<Part> {
  const workers = Math.min(availableParallelism(), count);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, nth) =>
      inWorker({ first: first + nth, step: workers, end: first + count }),
    ),
  );
  return parts.reduce((sum, part) => ({
    histories: sum.histories + part.histories,
    events: sum.events + part.events,
    failures: [...sum.failures, ...part.failures],
  }));
}

function inWorker(seeds: Seeds): Promise<Part> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: seeds });
    worker.once("message", (part) => resolve(Part.parse(part)));
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}

function run({ first, step, end }: Seeds): Part {
  const part: Part = { histories: 0, events: 0, failures: [] };
  for (let seed = first; seed < end && part.failures.length < mostFailures; seed += step) {
    const history = new History(seed);
    try {
      history.run();
    } catch (error) {
      const broken = error instanceof Error ? error.message : String(error);
      part.failures.push({ seed, broken, trace: [...history.world.trace] });
    }
    part.histories += 1;
    part.events += history.world.trace.length;
  }
  return part;
}

if (!isMainThread) parentPort?.postMessage(run(Seeds.parse(workerData)), []);
