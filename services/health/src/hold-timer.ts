/** Wakes health when the time is over for which a flapping shard is held back. Reads its own verdicts; decides nothing. */
import type { View } from "@weft/bus";
import type { Clock, Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import type { HealthRecord } from "@weft/schemas";

export function holdTimer(
  health: Pick<View<HealthRecord>, "changed" | "entries">,
  clock: Clock,
): Disposable & { readonly changed: Signal } {
  const changed = createEmitter();
  let timer: Disposable | undefined;
  const arm = () => {
    timer?.[Symbol.dispose]();
    const untilMs = firstEnd([...health.entries().values()].map(({ value }) => value));
    timer =
      untilMs === undefined
        ? undefined
        : clock.after(Math.max(0, untilMs - clock.now()), () => changed.emit());
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

function firstEnd(records: readonly HealthRecord[]): number | undefined {
  const ends = records.flatMap((record) => (record.kind === "shard" ? (record.heldUntilMs ?? []) : []));
  return ends.length === 0 ? undefined : Math.min(...ends);
}
