/**
 * The bucket weft_intents as the intent service needs it: read as of now, written all or none while nobody else wrote.
 * Reads the bus's view of it; `read` asks for the bucket's revision and waits until the view has it, so that an answer
 * given by another copy of the service counts. `commit` is one batch that expects the revision that was read.
 */
import type { Bus } from "@weft/bus";
import type { Clock } from "@weft/runtime";
import type { IntentStore } from "./ports.ts";
import { reach } from "./reach.ts";

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
        writes.map(({ key, record, cause }) => ({ key, value: record ?? null, cause })),
        { ifStreamRevision: revision },
      ),
  };
}
