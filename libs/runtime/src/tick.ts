/**
 * Ticks: what is done over and over, all of it at the same moments, so that a process is woken once for everything that is due.
 * A wake-up costs a process of Node about 0.1 ms whatever it does then (measured), more than most of what is done in it.
 * Reads the system's clock. Its tenths of a second are the same on all machines, so messages of many senders come together too.
 */

const gridMs = 100;

/** Runs every `everyMs`, at whole multiples of it since the epoch. Keeps no process alive. */
export function everyTick(everyMs: number, run: () => void): Disposable {
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(tick, untilTick(Date.now(), everyMs)).unref();
  };
  const tick = () => {
    arm();
    run();
  };
  arm();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** A timer may run a moment early: the tick that it was meant for is not waited for again. */
export function untilTick(nowMs: number, everyMs: number): number {
  const ms = everyMs - (nowMs % everyMs);
  return ms < everyMs / 4 ? ms + everyMs : ms;
}

/** A long wait, made longer so that it ends at a tenth of a second of the clock; short ones are as they are. */
export function waitToTick(nowMs: number, ms: number): number {
  return ms < 10 * gridMs ? ms : ms + gridMs - 1 - ((nowMs + ms - 1) % gridMs);
}
