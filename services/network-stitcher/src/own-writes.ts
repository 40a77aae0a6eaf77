/**
 * A writer that looks again before its view shows what it wrote would decide from the record before, and might send traffic
 * where that one says. Waits for the view; writes nothing.
 */
import type { View } from "@weft/bus";
import type { Clock } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { RecordWrite } from "./ports.ts";

const patienceMs = 5_000;

/** Resolves once none of the records is at the revision that it had before these writes. Throws WeftError("timeout"). */
export function seenIn<T>(view: View<T>, writes: readonly RecordWrite<T>[], clock: Clock): Promise<void> {
  const isSeen = () => writes.every(({ key, ifRevision }) => (view.get(key)?.revision ?? 0) !== ifRevision);
  if (isSeen()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = () => {
      unsubscribe();
      timer[Symbol.dispose]();
    };
    const unsubscribe = view.changed.subscribe(() => {
      if (!isSeen()) return;
      end();
      resolve();
    });
    const timer = clock.after(patienceMs, () => {
      end();
      reject(new WeftError("timeout", "The view of the slots does not show what was written."));
    });
  });
}
