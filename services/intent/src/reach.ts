/** Waits until this copy's view of a bucket has what any copy wrote: an answer that another one gave counts for the next. */
import type { View } from "@weft/bus";
import type { Clock } from "@weft/runtime";
import { WeftError } from "@weft/schemas";

const reachWithinMs = 5_000;

export function reach(
  view: Pick<View<unknown>, "revision" | "changed">,
  revision: number,
  clock: Clock,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => {
      leave();
      reject(new WeftError("unavailable", `The copy of the records is behind revision ${revision}.`));
    };
    const look = () => {
      if (view.revision < revision) return;
      leave();
      timer[Symbol.dispose]();
      resolve();
    };
    const leave = view.changed.subscribe(look);
    const timer = clock.after(reachWithinMs, late);
    look();
  });
}
