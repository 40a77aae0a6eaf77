/**
 * intent: admits what operators ask for, writes it as one batch, and answers every fault at once.
 * Reads requests on weft.intent.apply and weft.intent.delete; alone writes weft_intents; publishes accepted and deleted.
 * Admits nodes likewise, on weft.node.*: alone writes weft_access, and clears away the records of nodes that were removed and lost.
 * It carries nothing out: scheduler and stitcher look at the records. Any number of copies answer.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { connectBus, guardBuckets, serveLogs } from "@weft/bus";
import type { Bus } from "@weft/bus";
import { registerService } from "@weft/consul";
import type { Service, ServiceContext } from "@weft/runtime";
import {
  acceptStoreSubject,
  applySubject,
  buckets,
  deleteSubject,
  nodeJoinSubject,
  nodeRemoveSubject,
  nodeTokenSubject,
} from "@weft/schemas";
import type { StoreAccepted } from "@weft/schemas";
import { accessRequests } from "./access/access-requests.ts";
import { openAccessStore } from "./access/access-store.ts";
import { farewellLoop } from "./access/farewell-loop.ts";
import { catalogue } from "./catalogue.ts";
import type { IntentConfig } from "./config.ts";
import { intentEvents } from "./intent-events.ts";
import { intentRequests } from "./intent-requests.ts";
import { openIntentStore } from "./nats-intent-store.ts";

const name = "intent";
const queue = "intent";
const ttlSeconds = 15;

export function createIntentService(
  { natsUrl, consulUrl }: IntentConfig,
  { log, clock, metricsAt }: ServiceContext,
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
      const events = await bus.followEvents("intents", intentEvents);
      open.use(events);
      open.use(await serveAccess(bus, { log, clock }));
      open.use(bus.respond(applySubject, (data) => requests.apply(data), { queue }));
      open.use(bus.respond(deleteSubject, (data) => requests.remove(data), { queue }));
      const id = `${name}-${randomUUID()}`;
      open.use(serveLogs(bus, name, log, id));
      const registration = await registerService({ url: consulUrl, name, id, metricsAt, ttlSeconds, log });
      open.defer(() => registration.close());
    },
    stop: () => open.disposeAsync(),
  };
}

async function serveAccess(
  bus: Bus,
  { log, clock }: Pick<ServiceContext, "log" | "clock">,
): Promise<AsyncDisposable> {
  const open = new AsyncDisposableStack();
  const store = await openAccessStore(bus, clock);
  const requests = accessRequests({
    store,
    now: () => clock.now(),
    newUid: () => randomUUID(),
    newId: () => randomBytes(6).toString("hex"),
    newSecret: () => randomBytes(32).toString("base64url"),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
  });
  open.use(bus.respond(nodeTokenSubject, (data) => requests.token(data), { queue }));
  open.use(bus.respond(nodeJoinSubject, (data) => requests.join(data), { queue }));
  open.use(bus.respond(acceptStoreSubject, () => acceptStore(bus, log), { queue }));
  open.use(bus.respond(nodeRemoveSubject, (data) => requests.remove(data), { queue }));
  const guard = guardBuckets(bus.lineage, ["access", "nodes", "health", "placements", "realized"], log);
  const loop = farewellLoop(store, { log, clock, mayAct: () => guard.mayAct() });
  await loop.start();
  open.defer(() => loop.stop());
  return open;
}

/** An operator says that lost buckets will not come back: services act on what they hold now. */
async function acceptStore(bus: Bus, log: ServiceContext["log"]): Promise<StoreAccepted> {
  const accepted = await bus.lineage.accept();
  log.warn({ accepted }, "buckets that were lost are taken as they are now");
  return { accepted: true, buckets: accepted.map((each) => buckets[each].bucket) };
}
