/**
 * intent: admits what operators ask for, writes it as one batch, and answers every fault at once.
 * Reads requests on weft.intent.apply and weft.intent.delete; alone writes weft_intents; publishes accepted and deleted.
 * It carries nothing out: scheduler and stitcher look at the records. Any number of copies answer.
 */
import { randomUUID } from "node:crypto";
import { connectBus, serveLogs } from "@weft/bus";
import { registerService } from "@weft/consul";
import type { Clock, Log, Service } from "@weft/runtime";
import { applySubject, deleteSubject } from "@weft/schemas";
import { catalogue } from "./catalogue.ts";
import type { IntentConfig } from "./config.ts";
import { intentEvents } from "./intent-events.ts";
import { intentRequests } from "./intent-requests.ts";
import { openIntentStore } from "./nats-intent-store.ts";

const name = "intent";
const queue = "intent";
const ttlSeconds = 5;

export function createIntentService(
  { natsUrl, consulUrl }: IntentConfig,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => {
      const bus = await connectBus({ url: natsUrl, name, log });
      open.defer(() => bus.close());
      const store = await openIntentStore(bus, clock);
      const requests = intentRequests({
        store,
        functions: catalogue,
        now: () => clock.iso(),
        newId: () => randomUUID(),
      });
      const events = await bus.followEvents("intents", name, intentEvents);
      open.use(events);
      open.use(bus.respond(applySubject, (data) => requests.apply(data), { queue }));
      open.use(bus.respond(deleteSubject, (data) => requests.remove(data), { queue }));
      const id = `${name}-${randomUUID()}`;
      open.use(serveLogs(bus, name, log, id));
      const registration = await registerService({ url: consulUrl, name, id, ttlSeconds, log });
      open.defer(() => registration.close());
    },
    stop: () => open.disposeAsync(),
  };
}
