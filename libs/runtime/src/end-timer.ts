/**
 * Wakes a loop when a time is over that records name: nothing changes then, so nothing else would wake it.
 * Looks at the records again when they change; decides nothing, and tells "look again", never which time it was.
 */
import type { Clock } from "./clock.ts";
import type { Signal } from "./signal.ts";
import { createEmitter } from "./signal.ts";

export interface EndTimer extends Disposable {
  readonly changed: Signal;
}

export interface NamedEnds {
  /** The records may name other times. */
  readonly changed: Signal;
  /** Milliseconds since the epoch. Those that are over already wake nobody: whoever reads the records sees that they are. */
  readonly endsMs: () => readonly number[];
}

export function endTimer({ changed: recordsChanged, endsMs }: NamedEnds, clock: Clock): EndTimer {
  const changed = createEmitter();
  let timer: Disposable | undefined;
  const arm = () => {
    timer?.[Symbol.dispose]();
    const now = clock.now();
    const coming = endsMs().filter((ms) => ms > now);
    timer = coming.length === 0 ? undefined : clock.after(Math.min(...coming) - now, over);
  };
  // A timer may run a moment early: armed again it runs once more when the time is really over.
  const over = () => {
    arm();
    changed.emit();
  };
  const unsubscribe = recordsChanged.subscribe(arm);
  arm();
  return {
    changed,
    [Symbol.dispose]: () => {
      unsubscribe();
      timer?.[Symbol.dispose]();
    },
  };
}
