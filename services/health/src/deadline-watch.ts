/**
 * Watches what time alone makes true (deadlines.ts): with every beat that comes in, and by a timer in silence.
 * Tells "look again"; what it means is left to the verdict.
 */
import type { VerdictPolicy } from "@weft/decide";
import type { Clock } from "@weft/runtime";
import { nextDeadlineMs, passedDeadlines } from "./deadlines.ts";
import type { Heard } from "./leader-ear.ts";

export function watchDeadlines(
  heard: Heard,
  { policy, clock }: { readonly policy: VerdictPolicy; readonly clock: Clock },
  passed: () => void,
): Disposable & { look(this: void): void } {
  let before = "";
  let timer: NodeJS.Timeout | undefined;
  let timerMs = Infinity;
  /** Beats put deadlines off all the time: a timer that comes too soon for one finds the next, and costs less than to set it each time. */
  const arm = (nowMs: number) => {
    const nextMs = nextDeadlineMs(heard, policy, nowMs) ?? Infinity;
    if (nextMs >= timerMs) return;
    clearTimeout(timer);
    timerMs = nextMs;
    timer = setTimeout(due, nextMs - nowMs);
  };
  const due = () => {
    timerMs = Infinity;
    look();
  };
  const look = () => {
    const nowMs = clock.now();
    const now = passedDeadlines(heard, policy, nowMs);
    // Else no deadline is sooner than it was.
    if (timerMs === Infinity || now !== before) arm(nowMs);
    if (now === before) return;
    before = now;
    passed();
  };
  arm(clock.now());
  return { look, [Symbol.dispose]: () => clearTimeout(timer) };
}
