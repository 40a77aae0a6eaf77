/** What a node asks the agents of other nodes for, on a real bus: the whole of a shard's connections of which it missed something. */
import { testClock } from "@weft/runtime";
import { trackedAskSubject, trackedSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { Replicas } from "../src/replica/replicas.ts";
import { sharedBus } from "./shared-bus.ts";
import { trackedTold } from "./tracked-told.ts";

const group = { tenant: "demo", group: "fw" };
const bus = sharedBus();

/** `tell`: a change of a run whose beginning was missed; resolves once it was heard. */
function listening() {
  const clock = testClock(Date.UTC(2026, 0, 2));
  const open = new DisposableStack();
  const replicas = open.use(new Replicas({ bus: bus(), clock }));
  let [asked, number] = [0, 1];
  replicas.hear([group]);
  open.use(bus().subscribe(trackedAskSubject(group, "fw-0"), () => (asked += 1)));
  const tell = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = bus().subscribe(trackedSubject(group, "fw-0"), () => resolve());
    number += 1;
    bus().publish(trackedSubject(group, "fw-0"), trackedTold({ shard: "fw-0", number }));
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
