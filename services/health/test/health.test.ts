/** Health as a process on real NATS and Consul; heartbeats come from the test. */
import path from "node:path";
import { connectBus } from "@weft/bus";
import { listServices } from "@weft/consul";
import { createLogTo, systemClock } from "@weft/runtime";
import type { ShardPlacement } from "@weft/schemas";
import { heartbeatSubject } from "@weft/schemas";
import { ServerProcess, eventually, startConsul, startNats } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { group } from "../../../libs/decide/src/admit/world.test-kit.ts";
import { StitchWorld, now } from "../../../libs/decide/src/stitch/world.test-kit.ts";

const key = "demo.shard.fw-0";

async function healthByHand() {
  await using building = new AsyncDisposableStack();
  const [nats, consul] = await Promise.all([startNats(), startConsul()]);
  for (const server of [nats, consul]) building.use(server);
  const log = createLogTo("test", "silent", () => undefined);
  const bus = await connectBus({ url: nats.url, name: "test", log });
  building.defer(() => bus.close());
  const view = await bus.view("health");
  const world = new StitchWorld(group("fw"));
  const placement = world.seen.placements.get(key)?.value as ShardPlacement;
  for (const [name, { value }] of world.seen.placements) await bus.put("placements", name, value);
  for (const name of world.nodes)
    await bus.put("nodes", name, {
      name,
      address: "192.0.2.1",
      chassis: name,
      runtimes: ["namespace"],
      capacity: { cpu: 1, memory: 1 },
      datapath: "netdev",
      ovsVersion: "3.1.0",
      incarnation: "a",
      startedAt: now,
      metrics: "192.0.2.1:9710",
    });
  const speaking = new Set(world.nodes);
  const says = { running: true, generation: 1, probeAgeMs: null as number | null };
  let sequence = 0;
  const clock = systemClock();
  let timer: Disposable | undefined;
  const beat = () => {
    sequence += 1;
    for (const node of speaking) {
      const { tenant, name, uid: placementUid } = placement;
      const shards = node === placement.node ? [{ tenant, name, placementUid, ...says }] : [];
      bus.publish(heartbeatSubject(node), { node, incarnation: "a", sequence, shards });
    }
    timer = clock.after(50, beat);
  };
  beat();
  building.defer(() => timer?.[Symbol.dispose]());
  const settings = [`WEFT_NATS_URL=${nats.url}`, `WEFT_CONSUL_URL=${consul.url}`, "WEFT_NODE_LOSS_MS=600"];
  building.use(
    await ServerProcess.start({
      name: "health",
      command: () => [
        "env",
        ...settings,
        process.execPath,
        path.resolve(import.meta.dirname, "../src/main.ts"),
      ],
      ready: async () => (await listServices(consul.url)).some(({ name }) => name === "health"),
    }),
  );
  const open = building.move();
  return {
    says,
    beats: () => sequence,
    speaking,
    nodes: world.nodes,
    bus,
    node: placement.node,
    state: (of: string) => view.get(of)?.value.state,
    reason: (of: string) => view.get(of)?.value.reason,
    shardsInConsul: async () => (await listServices(consul.url)).filter(({ name }) => name === "weft-shard"),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

describe("health", () => {
  it("follows a shard from its start to its failure, and registers it while it is ready", async () => {
    await using hand = await healthByHand();
    await eventually("it is starting", () => hand.state(key) === "starting");
    hand.says.probeAgeMs = 20;
    await eventually("it is ready", () => hand.state(key) === "ready");
    await eventually("Consul has it", async () => (await hand.shardsInConsul()).length === 1);
    const [{ meta } = { meta: {} }] = await hand.shardsInConsul();
    expect(meta).toMatchObject({
      tenant: "demo",
      group: "fw",
      shard: "fw-0",
      node: hand.node,
      metrics: "192.0.2.1:9710",
    });
    hand.says.probeAgeMs = 5000;
    await eventually("it has failed", () => hand.state(key) === "failed");
    expect(hand.reason(key)).toBe("ProbeLost");
    await eventually("Consul has let it go", async () => (await hand.shardsInConsul()).length === 0);
    await hand.bus.remove("placements", key);
    await eventually("its verdict is gone", () => hand.state(key) === undefined);
  });

  it("declares one silent node lost, with its shards, and two of three at once never", async () => {
    await using hand = await healthByHand();
    hand.says.probeAgeMs = 20;
    await eventually("all is ready", () =>
      [...hand.nodes.map((node) => `_.node.${node}`), key].every((of) => hand.state(of) === "ready"),
    );
    // Frozen: when one of them speaks again, the other is judged by itself.
    hand.speaking.clear();
    const others = hand.nodes.filter((node) => node !== hand.node);
    hand.speaking.add(others[0] ?? "");
    const before = hand.beats();
    await eventually("twenty heartbeats, more than a node's loss takes", () => hand.beats() > before + 20);
    expect([hand.state(`_.node.${hand.node}`), hand.state(key)]).toEqual(["ready", "ready"]);
    hand.speaking.add(others[1] ?? "");
    await eventually("the node is lost", () => hand.state(`_.node.${hand.node}`) === "lost");
    await eventually("its shard has failed", () => hand.reason(key) === "NodeLost");
    hand.speaking.add(hand.node);
    await eventually("the node is back", () => hand.state(`_.node.${hand.node}`) === "ready");
    await eventually("the shard is ready again", () => hand.state(key) === "ready");
  });
});
