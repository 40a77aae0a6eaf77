/**
 * Many histories, spread over the machine's cores: each seed is one history, and one that breaks a rule tells its trace.
 * Reads nothing but its arguments. What a history is: history.ts; what a thread does: history-worker.ts.
 */
import { availableParallelism } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";

const Failure = z.object({ seed: z.number(), broken: z.string(), trace: z.array(z.string()) });
export type Failure = z.infer<typeof Failure>;
export const Part = z.object({
  histories: z.number(),
  events: z.number(),
  /** How often each was injected. */
  faults: z.record(z.string(), z.number()),
  failures: z.array(Failure),
});
export type Part = z.infer<typeof Part>;

/** What a thread is told. */
export const Order = z.object({
  /** Each `step`th from `first` on, ahead of `end`. */
  seeds: z.object({ first: z.number(), step: z.number(), end: z.number() }),
  /** Name of the guard that the sources are loaded without. */
  withoutGuard: z.string().optional(),
  /** It stops at so many: traces of more help nobody. */
  mostFailures: z.number(),
  /** Milliseconds since the epoch: no history begins later. */
  endsAt: z.number().optional(),
});
export type Order = z.infer<typeof Order>;

const mostFailures = 5;

export interface Bounds {
  readonly threads?: number | undefined;
  /** Milliseconds since the epoch: no history begins later. */
  readonly endsAt?: number | undefined;
}

/** Seeds from `first` on; resolves when all have run, or when so many failed that the rest would tell nothing new. */
export async function runHistories(
  count: number,
  first: number,
  { threads = availableParallelism(), endsAt }: Bounds = {},
): Promise<Part> {
  const workers = Math.min(threads, count);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, nth) =>
      inThread({
        seeds: { first: first + nth, step: workers, end: first + count },
        mostFailures,
        endsAt,
      }),
    ),
  );
  return sumOf(parts);
}

export function sumOf(parts: readonly Part[]): Part {
  const none: Part = { histories: 0, events: 0, faults: {}, failures: [] };
  return parts.reduce(
    (sum, part) => ({
      histories: sum.histories + part.histories,
      events: sum.events + part.events,
      faults: added(sum.faults, part.faults),
      failures: [...sum.failures, ...part.failures],
    }),
    none,
  );
}

export function inThread(order: Order): Promise<Part> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(import.meta.dirname, "history-worker.ts"), { workerData: order });
    worker.once("message", (part) => resolve(Part.parse(part)));
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}

function added(one: Part["faults"], other: Part["faults"]): Part["faults"] {
  const sum = { ...one };
  for (const [fault, times] of Object.entries(other)) sum[fault] = (sum[fault] ?? 0) + times;
  return sum;
}
