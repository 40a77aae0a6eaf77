/**
 * Lets a service act only while none of the buckets that it decides from is lost (lineage.ts); says in its log why it does not.
 * Reads the bus's lineage. What a service does without acting, and whom else it tells, is its own.
 */
import type { Log, Signal } from "@weft/runtime";
import type { BucketName } from "@weft/schemas";
import { buckets } from "@weft/schemas";
import type { Lineage } from "./lineage.ts";

export interface BucketGuard {
  /** Asked in every round; one that is lost is logged once. */
  mayAct(): boolean;
  /** Why not; undefined: it may. */
  fault(): { readonly code: "store-lost"; readonly message: string } | undefined;
  readonly changed: Signal;
}

export function guardBuckets(
  lineage: Lineage,
  names: readonly BucketName[],
  log: Pick<Log, "error" | "info">,
): BucketGuard {
  let told: string | undefined;
  const fault = () => {
    const lost = names.filter((name) => lineage.lost().has(name)).map((name) => buckets[name].bucket);
    if (lost.length === 0) return undefined;
    const message = `Lost and made anew while other buckets stayed: ${lost.join(", ")}. Nothing is changed until they are restored, or until weft.store.accept is asked on the bus.`;
    return { code: "store-lost" as const, message };
  };
  return {
    mayAct: () => {
      const found = fault();
      if (found?.message !== told) {
        if (found === undefined) log.info("no bucket is lost any more: going on");
        else log.error({ code: found.code }, found.message);
        told = found?.message;
      }
      return found === undefined;
    },
    fault,
    changed: lineage.changed,
  };
}
