/** Waits until ovs-vswitchd has carried out what its database said: it then writes next_cfg's count into cur_cfg. */
import type { Signal } from "@weft/runtime";

const withinMs = 5_000;

export interface Following {
  /** cur_cfg as it is now. */
  readonly current: () => number;
  /** Emits after it may have changed. */
  readonly changed: { subscribe(listener: () => void): ReturnType<Signal["subscribe"]> };
}

/** False when it does not get there in time. */
export function followed({ current, changed }: Following, count: number): Promise<boolean> {
  if (current() >= count) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (result: boolean) => {
      clearTimeout(timer);
      unsubscribe();
      resolve(result);
    };
    const timer = setTimeout(() => end(false), withinMs);
    const unsubscribe = changed.subscribe(() => {
      if (current() >= count) end(true);
    });
  });
}
