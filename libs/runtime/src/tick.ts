/**
 * Ticks: what is done over and over, all of it at the same moments, so that a process is woken once for everything that is due.
 * A wake-up costs a process of Node about 0.1 ms whatever it does then (measured), more than most of what is done in it.
 * Reads the system's clock. Its tenths of a second are the same on all machines, so messages of many senders come together too.
 */

const gridMs = 100;
/** Waits of some seconds end at a whole second: most of what a process does over and over falls there. */
const longGridMs = 1_000;
const longWaitMs = 4_000;

interface Ticking {
  readonly everyMs: number;
  readonly lateMs: number;
  readonly run: () => void;
  dueMs: number;
}
const ticking = new Set<Ticking>();
let timer: NodeJS.Timeout | undefined;
let timerMs = Infinity;
/** What the timer was made for. To let it run again for as long costs half of a new one, and a tick may be so much off. */
let timerWaitMs = Infinity;
const offMs = 3;

/** Runs every `everyMs`, at whole multiples of it since the epoch, or so much later. Keeps no process alive. */
export function everyTick(everyMs: number, run: () => void, lateMs = 0): Disposable {
  const nowMs = Date.now();
  const one = { everyMs, lateMs, run, dueMs: nowMs + untilTick(nowMs - lateMs, everyMs) };
  ticking.add(one);
  if (one.dueMs < timerMs) arm(nowMs);
  return {
    [Symbol.dispose]: () => {
      ticking.delete(one);
      if (ticking.size === 0) arm(nowMs);
    },
  };
}

/** One timer for all of them. It is armed before anything is run, which may throw. */
function tick(): void {
  const nowMs = Date.now();
  const due: Ticking[] = [];
  for (const one of ticking) {
    if (!isDue(one, nowMs)) continue;
    one.dueMs = nowMs + untilTick(nowMs - one.lateMs, one.everyMs);
    due.push(one);
  }
  arm(nowMs);
  for (const one of due) if (ticking.has(one)) one.run();
}

function arm(nowMs: number): void {
  timerMs = Infinity;
  for (const { dueMs } of ticking) if (dueMs < timerMs) timerMs = dueMs;
  const waitMs = timerMs - nowMs;
  if (timer !== undefined && Math.abs(waitMs - timerWaitMs) <= offMs) {
    timer.refresh();
    return;
  }
  clearTimeout(timer);
  timer = ticking.size === 0 ? undefined : setTimeout(tick, waitMs).unref();
  timerWaitMs = waitMs;
}

/** Also a little early, since the process is awake now, and when the clock was set back and its tick would not come for long. */
export function isDue(
  { everyMs, dueMs }: { readonly everyMs: number; readonly dueMs: number },
  nowMs: number,
): boolean {
  return nowMs >= dueMs - everyMs / 10 || nowMs < dueMs - 1.25 * everyMs;
}

/** A timer may run a moment early: the tick that it was meant for is not waited for again. */
export function untilTick(nowMs: number, everyMs: number): number {
  const ms = everyMs - (nowMs % everyMs);
  return ms < everyMs / 4 ? ms + everyMs : ms;
}

/** A long wait, made longer so that it ends at a tenth of a second of the clock, or at a whole one; short ones are as they are. */
export function waitToTick(nowMs: number, ms: number): number {
  if (ms < 10 * gridMs) return ms;
  const grid = ms < longWaitMs ? gridMs : longGridMs;
  return ms + grid - 1 - ((nowMs + ms - 1) % grid);
}
