/**
 * The loop that every service runs: look, decide, carry out, until there is nothing left to do.
 * Reads what `observe` shows; counts steps and rounds.
 * What to do is left to `decide` (pure), doing it to `execute`.
 *
 * The contract:
 * - Level-triggered: a wake says "look again" and carries no work. A round sees the whole present, never a change.
 * - One round at a time. A wake during a round leads to another round after it; many wakes lead to one.
 * - Wakes are gathered for `debounceMs` from the first of them, so a storm delays a round but cannot put it off. Those of
 *   `urgent` are not: traffic is lost until the next round. While one runs they are gathered by it.
 * - `observe` answering undefined means that not everything is loaded: nothing is decided, so nothing is pruned, until the next wake.
 * - A round that fails is logged and counted, and tried again after a backoff with jitter; wakes meanwhile wait for it too.
 * - Without any wake there is a round every `resyncMs`: for deadlines, and for what changed without telling.
 * - While `active` says no (another copy leads) rounds do nothing. Leadership's own signal belongs into `wake`.
 * - `stop` resolves when the running round has ended; no round begins after it.
 */
import { WeftError } from "@weft/schemas";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { reconcileSeconds, stepsTotal } from "./metrics.ts";
import type { Service } from "./service.ts";
import type { Signal } from "./signal.ts";

export interface ReconcileOptions<Seen, Step> {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly wake: readonly Signal[];
  readonly urgent?: readonly Signal[];
  /** Default 5,000. Asked after each round where it depends on what was seen. */
  readonly resyncMs?: number | (() => number);
  /** Default 20. */
  readonly debounceMs?: number;
  /** First and longest wait after failures; default 100 and 5,000. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** undefined: not everything is loaded yet. */
  observe(): Seen | undefined;
  decide(seen: Seen, now: string): readonly Step[];
  /** May answer with the steps that failed by themselves while the others went on; they are counted as such. */
  execute(steps: readonly Step[], seen: Seen): Promise<void | readonly Step[]>;
  active?(): boolean;
}

type Phase = "stopped" | "idle" | "gathering" | "round" | "backoff";

export function reconcileLoop<Seen, Step>(o: ReconcileOptions<Seen, Step>): Service {
  const { resyncMs = 5_000, debounceMs = 20, backoff = { firstMs: 100, maxMs: 5_000 } } = o;
  let phase: Phase = "stopped";
  let wokenMeanwhile = false;
  let isUrgent = false;
  let failures = 0;
  let timer: Disposable | undefined;
  let running: Promise<void> = Promise.resolve();
  let unsubscribe: (() => void)[] = [];

  const wait = (next: Phase, ms: number) => {
    timer?.[Symbol.dispose]();
    phase = next;
    timer = o.clock.after(ms, () => {
      running = round();
    });
  };
  const wake = () => {
    if (phase === "idle") wait("gathering", debounceMs);
    else if (phase === "round") wokenMeanwhile = true;
  };
  const wakeAtOnce = () => {
    if (phase === "idle" || phase === "gathering") wait("gathering", 0);
    else if (phase === "round") isUrgent = true;
  };
  const round = async (): Promise<void> => {
    phase = "round";
    wokenMeanwhile = false;
    isUrgent = false;
    const failure = await runRound(o);
    failures = failure === undefined ? 0 : failures + 1;
    if (phase !== "round") return; // stopped meanwhile
    if (failure !== undefined) {
      const waitMs = backoffMs(failures, backoff);
      logFailure(o.log, failure, { failures, waitMs: Math.round(waitMs) });
      wait("backoff", waitMs);
    } else if (isUrgent) wait("gathering", 0);
    else if (wokenMeanwhile) wait("gathering", debounceMs);
    else wait("idle", typeof resyncMs === "number" ? resyncMs : resyncMs());
  };
  return {
    name: o.name,
    start: async () => {
      if (phase !== "stopped") return;
      unsubscribe = [
        ...o.wake.map((signal) => signal.subscribe(wake)),
        ...(o.urgent ?? []).map((signal) => signal.subscribe(wakeAtOnce)),
      ];
      wait("gathering", 0);
    },
    stop: async () => {
      phase = "stopped";
      timer?.[Symbol.dispose]();
      for (const end of unsubscribe) end();
      unsubscribe = [];
      await running;
    },
  };
}

/** Returns what went wrong, or undefined. */
async function runRound<Seen, Step>(
  o: ReconcileOptions<Seen, Step>,
): Promise<{ cause: unknown } | undefined> {
  if (o.active?.() === false) return undefined;
  const stopTimer = reconcileSeconds.startTimer({ service: o.name });
  let steps: readonly Step[] = [];
  try {
    const seen = o.observe();
    if (seen === undefined) return undefined;
    steps = o.decide(seen, o.clock.iso());
    const failed = new Set(steps.length > 0 ? ((await o.execute(steps, seen)) ?? []) : []);
    countSteps(o.name, [...failed], "failed");
    countSteps(
      o.name,
      steps.filter((step) => !failed.has(step)),
      "done",
    );
    return undefined;
  } catch (error) {
    countSteps(o.name, steps, "failed");
    return { cause: error };
  } finally {
    stopTimer();
  }
}

function countSteps(service: string, steps: readonly unknown[], result: "done" | "failed"): void {
  for (const step of steps) stepsTotal.inc({ service, kind: kindOf(step), result });
}

function kindOf(step: unknown): string {
  const kind = typeof step === "object" && step !== null && "kind" in step ? step.kind : undefined;
  return typeof kind === "string" ? kind : "step";
}

/** A record that changed meanwhile is no fault: the next round decides on what is there now. */
function logFailure(
  log: Log,
  { cause }: { cause: unknown },
  facts: { failures: number; waitMs: number },
): void {
  if (cause instanceof WeftError && cause.code === "conflict")
    log.info({ ...facts, why: cause.message }, "a record changed meanwhile: looking again");
  else log.error({ ...facts, err: cause }, "a round failed: it is tried again");
}
