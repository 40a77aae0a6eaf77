/**
 * What an agent tells of one shard's connections, on a real bus. Faults are put into the kernel's side: test/lab/replicated.test.ts
 * shows the whole with a real one.
 */
import { testClock } from "@weft/runtime";
import type { ShardPlacement } from "@weft/schemas";
import { trackedAskSubject, trackedSubject, TrackedTold } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { OwnFlows } from "../src/replica/own-flows.ts";
import { trackingIn } from "../src/replica/tracking.ts";
import type { TrackingEvents } from "../src/replica/tracking.ts";
import { log, sharedBus } from "./shared-bus.ts";

const bus = sharedBus();
const entry = (port: number) =>
  `tcp      6 120 ESTABLISHED src=10.1.0.3 dst=10.2.0.9 sport=${port} dport=80 src=10.2.0.9 dst=10.1.0.3 sport=80 dport=${port} [ASSURED] mark=1`;
const flow = (port: number) => ["10.1.0.3", "10.2.0.9", 6, port, 80];
let names = 0;

/** Listings answer with `listings` in turn, and with the last again and again; an error is thrown. */
function following(...listings: (string | Error)[]) {
  names += 1;
  const group = { tenant: "demo", group: `fw${names}` };
  const clock = testClock();
  const open = new DisposableStack();
  const told: TrackedTold[] = [];
  open.use(bus().subscribe(trackedSubject(group, "fw-0"), (data) => told.push(TrackedTold.parse(data))));
  let kernel: TrackingEvents | undefined;
  const tracking = {
    follow: (events: TrackingEvents) => {
      kernel = events;
      return { [Symbol.dispose]: () => undefined };
    },
    list: async () => {
      const next = (listings.length > 1 ? listings.shift() : listings[0]) ?? "";
      if (typeof next === "string") return next;
      throw next;
    },
  };
  const shard = { ...group, name: "fw-0" } as ShardPlacement;
  const holder = { namespacePath: "/nowhere" } as OwnFlowsHolder;
  const order = { shard, holder, life: "a", marks: { client: 1, server: 2 } };
  const flows = open.use(new OwnFlows(order, { bus: bus(), clock, log }, tracking));
  if (kernel === undefined) throw new Error("Nobody follows the kernel.");
  const ask = () => bus().publish(trackedAskSubject(group, "fw-0"), {});
  return { clock, flows, told, kernel, ask, [Symbol.dispose]: () => open.dispose() };
}
type OwnFlowsHolder = ConstructorParameters<typeof OwnFlows>[0]["holder"];

describe("a shard's connections that cannot be listed", () => {
  it("are told once they can be, and not as if there were none", async () => {
    using at = following(new Error("no"), new Error("no"), entry(4001));
    at.kernel.listens();
    at.ask();
    await at.clock.advance(3_000);
    await eventually("the whole is told", async () => at.told.length > 0);
    expect(at.told[0]).toMatchObject({ number: 1, whole: true, come: [{ flow: flow(4001) }] });
  });

  it("are not taken for gone", async () => {
    using at = following(entry(4001), new Error("no"), `${entry(4001)}\n${entry(4002)}`);
    at.kernel.listens();
    await at.clock.advance(100);
    at.kernel.missed();
    await at.clock.advance(4_000);
    await eventually("what was missed is told", async () =>
      at.told.some(({ number, come }) => number > 1 && come.length > 0),
    );
    expect(at.told.flatMap(({ gone }) => gone)).toEqual([]);
    expect(at.told.flatMap(({ come }) => come.map((each) => each.flow))).toEqual([flow(4001), flow(4002)]);
  });

  it("are so where their namespace is gone", async () => {
    await expect(trackingIn("/run/netns/there-is-none").list()).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("a shard that is followed no more", () => {
  it("is told of no more, though lines come that were on their way", async () => {
    using at = following("");
    at.kernel.listens();
    await at.clock.advance(100);
    await eventually("the whole is told", async () => at.told.length > 0);
    at.flows[Symbol.dispose]();
    at.kernel.line(` [NEW] ${entry(4001)}`);
    await at.clock.advance(5_000);
    await bus().connection.flush();
    expect(at.told.length).toBe(1);
  });
});
