/** Wakes the stitcher when shares that wait for their shard wait no longer: a moment after a shard became ready. Decides nothing. */
import type { View } from "@weft/bus";
import { awaitMs } from "@weft/decide";
import type { Clock, Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import type { HealthRecord } from "@weft/schemas";

export function awaitTimer(
  health: Pick<View<HealthRecord>, "changed" | "entries">,
  clock: Clock,
): Disposable & { readonly changed: Signal } {
  const changed = createEmitter();
  let timer: Disposable | undefined;
  const arm = () => {
    timer?.[Symbol.dispose]();
    const now = clock.now();
    const ends = [...health.entries().values()].flatMap(({ value }) => {
      const endMs = Date.parse(value.since) + awaitMs;
      return value.kind === "shard" && value.state === "ready" && endMs > now ? [endMs] : [];
    });
    timer =
      ends.length === 0
        ? undefined
        : clock.after(Math.min(...ends) - now, () => {
            changed.emit();
            arm();
          });
  };
  const unsubscribe = health.changed.subscribe(arm);
  arm();
  return {
    changed,
    [Symbol.dispose]: () => {
      unsubscribe();
      timer?.[Symbol.dispose]();
    },
  };
}
