/**
 * The bucket weft_intents as the intent service needs it: read as of now, written all or none while nobody else wrote.
 * Reads the bus's view of it; `read` asks for the bucket's revision and waits until the view has it, so that an answer
 * given by another copy of the service counts. `commit` is one batch that expects the revision that was read.
 */
import type { Bus, View } from "@weft/bus";
import type { Clock } from "@weft/runtime";
import type { IntentRecord } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { IntentStore } from "./ports.ts";

const reachWithinMs = 5_000;

export async function openIntentStore(bus: Bus, clock: Clock): Promise<IntentStore> {
  const view = await bus.view("intents");
  return {
    read: async () => {
      await reach(view, await bus.batch("intents", []), clock);
      return { intents: view.entries(), revision: view.revision };
    },
    commit: (writes, revision) =>
      bus.batch(
        "intents",
        writes.map(({ key, record }) => ({ key, value: record ?? null })),
        { ifStreamRevision: revision },
      ),
  };
}

function reach(view: View<IntentRecord>, revision: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => {
      leave();
      reject(new WeftError("unavailable", `The copy of the intents is behind revision ${revision}.`));
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
