/** What a node asks the agents of other nodes for, on a real bus: the whole of a shard's connections of which it missed something. */
import { connectBus } from "@weft/bus";
import type { Bus } from "@weft/bus";
import { createLog, testClock } from "@weft/runtime";
import { trackedAskSubject, trackedSubject } from "@weft/schemas";
import type { TrackedTold } from "@weft/schemas";
import { eventually, startNats } from "@weft/testkit";
import type { NatsServer } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Replicas } from "../src/replica/replicas.ts";

const group = { tenant: "demo", group: "fw" };
let nats: NatsServer;
let bus: Bus;
beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", log: createLog("agent", "silent") });
});
afterAll(async () => {
  await bus.close();
  await nats[Symbol.asyncDispose]();
});

/** `tell`: a change of a run whose beginning was missed; resolves once it was heard. */
function listening() {
  const clock = testClock(Date.UTC(2026, 0, 2));
  const open = new DisposableStack();
  const replicas = open.use(new Replicas({ bus, clock }));
  let [asked, number] = [0, 1];
  replicas.hear([group]);
  open.use(bus.subscribe(trackedAskSubject(group, "fw-0"), () => (asked += 1)));
  const tell = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = bus.subscribe(trackedSubject(group, "fw-0"), () => resolve());
    number += 1;
    const missed: TrackedTold = {
      shard: "fw-0",
      life: "a",
      run: "r",
      number,
      whole: false,
      follow: 0,
      come: [],
      gone: [],
    };
    bus.publish(trackedSubject(group, "fw-0"), missed);
    await promise;
  };
  const isAsked = (times: number) => eventually(`asked ${times} times`, async () => asked === times);
  return { clock, tell, isAsked, asked: () => asked, [Symbol.dispose]: () => open.dispose() };
}

describe("what was missed of a shard", () => {
  it.each([0, -86_400_000])(
    "is asked for again while it is missing, the clock set by %d ms meanwhile",
    async (ms) => {
      using at = listening();
      await at.tell();
      await at.isAsked(1);
      await at.tell();
      at.clock.setBy(ms);
      await at.clock.advance(500);
      await at.tell();
      await at.isAsked(2);
      expect(at.asked()).toBe(2);
    },
  );
});
