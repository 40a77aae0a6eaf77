/**
 * Clears away what nobody else will: records of removed nodes that are silent, and tokens that ended long ago.
 * Decides nothing (libs/decide, access). Every copy runs it: a write that another one made is refused by its revision.
 */
import { decideFarewell } from "@weft/decide";
import type { FarewellStep } from "@weft/decide";
import type { Clock, Log, Service } from "@weft/runtime";
import { reconcileLoop } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { AccessStore } from "./access-store.ts";

/** So long after its end a token is still known. */
const rememberMs = 24 * 3600 * 1000;

export function farewellLoop(
  store: Pick<AccessStore, "look" | "changed" | "remove">,
  { log, clock, mayAct }: { readonly log: Log; readonly clock: Clock; readonly mayAct: () => boolean },
): Service {
  return reconcileLoop({
    name: "farewell",
    clock,
    log,
    wake: store.changed,
    observe: () => (mayAct() ? store.look() : undefined),
    decide: (seen, now) => decideFarewell(seen, new Date(Date.parse(now) - rememberMs).toISOString()),
    execute: async (steps) => {
      for (const step of steps) await carryOut(step, store, log);
    },
  });
}

async function carryOut(step: FarewellStep, store: Pick<AccessStore, "remove">, log: Log): Promise<void> {
  const line = { step: step.kind, key: step.key, why: step.why };
  try {
    await store.remove(step);
    log.info(line, "step");
  } catch (error) {
    if (!(error instanceof WeftError) || error.code !== "conflict") throw error;
    log.info(line, "the record changed meanwhile: looking again");
  }
}
