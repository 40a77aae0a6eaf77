/** Waits until the gateway's records show something, and no longer than a deadline. Reads records, writes nothing. */
import type { Signal } from "@weft/runtime";

/** Resolves as soon as the condition holds; at the deadline all the same: the caller then goes on with what is there. */
export function untilRecordsShow(changed: Signal, holds: () => boolean, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      leave();
      clearTimeout(deadline);
      resolve();
    };
    const look = () => holds() && done();
    const leave = changed.subscribe(look);
    const deadline = setTimeout(done, withinMs);
    look();
  });
}
