/**
 * Metrics of a lab: every process tells them where Consul says, and those of the shards are what really passed: bytes and packets
 * by direction against what programs sent, connections against those that are held, over a restart of the agent and over scaling.
 */
import { listServices } from "@weft/consul";
import { labStatus } from "@weft/lab";
import { metricCatalogue } from "@weft/runtime";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { DemoWeft } from "../../libs/lab/src/demo/demonstration.ts";
import { TrafficFleet } from "../../libs/lab/src/demo/traffic-fleet.ts";
import { weftOfLab } from "../../libs/lab/src/demo/weft-port.ts";
import { clientCommand, clientName } from "../../libs/lab/src/demo/world.ts";
import { applyText, weftDone, weftJson, yamlOf } from "./command-line.ts";
import { allowedPort, documents, group, serverAddress, tenant } from "./edge.ts";
import {
  agentOf,
  bulkSink,
  bulkSource,
  readSeries,
  sendBulk,
  sentBy,
  takeBulk,
  typesOf,
} from "./metrics-world.ts";
import {
  countedBy,
  difference,
  expectArrived,
  leastOfPayload,
  onlyValue,
  payload,
  slack,
} from "./shard-counts.ts";

const Shards = z.array(
  z.object({
    name: z.string(),
    node: z.string(),
    flows: z.number().nullable(),
    bitsPerSecond: z.number().nullable(),
    cpu: z.number().nullable(),
    memory: z.number().nullable(),
  }),
);
const shards = async () => Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
const shardNamed = async (name: string) => (await shards()).find((row) => row.name === name);
const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "90s", "--tenant", tenant);
/** As the agents that Consul knows tell them now. */
const series = (name: string, labels: Record<string, string> = {}) =>
  readSeries(consul, "agent", { name, labels });

/** A node's firewall as well: what it uses is accounted for otherwise than a container's. */
const plain = "plain-fw";
const plainGroup = {
  kind: "FunctionGroup",
  metadata: { name: plain, tenant },
  spec: { function: "firewall", runtime: "namespace", replicas: 1, config: { default: "drop", rules: [] } },
};

let consul: string;
let lab: DemoWeft;

beforeAll(async () => {
  await weftDone("up", "--json");
  const endpoints = labStatus()?.endpoints;
  if (endpoints === undefined) throw new Error("the lab has no endpoints");
  consul = endpoints.consul;
  lab = weftOfLab(endpoints);
  expect(await applyText(yamlOf([...documents(), plainGroup]))).toMatchObject({ code: 0, stderr: "" });
  for (const what of ["chain/edge", "fg/plain-fw", "workload/server", "workload/client-1"]) await ready(what);
});
afterAll(() => weftDone("down"));

describe("every process of a lab", () => {
  it("is healthy and tells its metrics where Consul says", async () => {
    const copies = await listServices(consul);
    const names = copies.map(({ name }) => name).filter((name) => name !== "weft-shard");
    const two = ["gateway", "health", "intent", "network-stitcher", "scheduler"].flatMap((name) => [
      name,
      name,
    ]);
    expect(names).toEqual(["agent", "agent", "agent", ...two]);
    for (const { id, meta } of copies) {
      expect({ id, metrics: meta["metrics"] }).toEqual({
        id,
        metrics: expect.stringMatching(/^198\.18\.0\.\d+:\d+$/),
      });
      expect(await (await fetch(`http://${meta["metrics"]}/healthz`)).text()).toBe("ok\n");
    }
  });

  it("tells series of the catalogue alone, and all of it is told by one or another", async () => {
    const told = await typesOf(consul);
    const wanted = Object.entries(metricCatalogue).map(([name, { type }]) => [name, type]);
    expect(told).toEqual(Object.fromEntries(wanted));
  });

  it.each(["agent", "health", "intent", "network-stitcher", "scheduler"])(
    "counts the rounds of its loop: %s",
    async (service) => {
      const copies = await readSeries(consul, service, { name: "weft_reconcile_seconds_count", labels: {} });
      expect(copies.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0);
    },
  );

  it("has told once for each resource how long it took to be ready", async () => {
    const name = "weft_intent_to_ready_seconds_count";
    const count = async () =>
      (await readSeries(consul, "network-stitcher", { name, labels: {} })).reduce(
        (sum, { value }) => sum + value,
        0,
      );
    const resources = documents().length + 1;
    await eventually("all are told", async () => (await count()) === resources, { withinMs: 30_000 });
  });
});

describe("a shard's series", () => {
  const of = (shard: string) => ({ tenant, shard });
  const value = (name: string, labels: Record<string, string>) => onlyValue(consul, { name, labels });
  const shard = `${group}-0`;

  it("carry whose it is, and say what it uses in either runtime", async () => {
    for (const [name, owner] of [
      [shard, group],
      [`${plain}-0`, plain],
    ] as const) {
      const row = await shardNamed(name);
      const labels = { tenant, group: owner, shard: name, node: row?.node };
      expect(await series("weft_shard_memory_bytes", { shard: name })).toEqual([
        { labels, value: expect.closeTo(row?.memory ?? 0, -7) },
      ]);
      expect(row?.memory).toBeGreaterThan(0);
      expect(row?.cpu).toBeGreaterThanOrEqual(0);
      expect(await value("weft_shard_cpu_seconds_total", of(name))).toBeGreaterThan(0);
    }
  });

  it("count the connections that are held through it, and no probe's", async () => {
    expect((await shardNamed(shard))?.flows).toBe(0);
    const open = (index: number) => lab.session(clientName(index), clientCommand);
    const fleet = await TrafficFleet.start(2, open);
    const order = { op: "open", host: serverAddress, port: allowedPort, count: 5, timeoutMs: 5000 } as const;
    expect(await fleet.all(order)).toEqual({ done: 10, failed: 0 });
    await eventually("they are counted", async () => (await shardNamed(shard))?.flows === 10);
    expect(await value("weft_shard_flows", of(shard))).toBe(10);
    await fleet.close();
  });

  const counted = () => countedBy(consul, of(shard));
  /** What came of the payload each way, and what the workload sent, while something was done. */
  const whileDoing = async (sender: string, done: () => Promise<void>) => {
    const before = { counted: await counted(), sent: await sentBy(lab, sender) };
    await done();
    const way = sender === "server" ? "toClient" : "toServer";
    // Samples are taken once a second, also in the midst of it.
    await eventually("it is counted", async () => {
      return (await counted())[way].bytes - before.counted[way].bytes >= leastOfPayload.bytes;
    });
    const [now, sent] = [await counted(), await sentBy(lab, sender)];
    return {
      sent: difference(sent, before.sent),
      toServer: difference(now.toServer, before.counted.toServer),
      toClient: difference(now.toClient, before.counted.toClient),
    };
  };

  it("count what a client sends as going to the server, and acknowledgements alone the other way", async () => {
    await using open = new AsyncDisposableStack();
    open.use(await bulkSink(lab, 8000));
    const seen = await whileDoing("client-1", () => sendBulk(lab, { port: 8000, bytes: payload }));
    expectArrived(seen.toServer, seen.sent);
    expect(seen.toClient.bytes).toBeLessThan(payload * 0.1 + slack.bytes);
  });

  it("count what a server sends as going to the client, and acknowledgements alone the other way", async () => {
    await using open = new AsyncDisposableStack();
    open.use(await bulkSource(lab, { port: 8001, bytes: payload }));
    const seen = await whileDoing("server", async () => expect(await takeBulk(lab, 8001)).toBe(payload));
    expectArrived(seen.toClient, seen.sent);
    expect(seen.toServer.bytes).toBeLessThan(payload * 0.1 + slack.bytes);
  });

  it("count every ping and its answer, and nothing else but probes", async () => {
    const before = await counted();
    const [count, frame] = [100, 1042];
    const ping = ["ping", "-q", "-c", "100", "-i", "0.01", "-s", "1000", serverAddress];
    await lab.run("workload", "client-1", ping);
    await eventually("they are counted", async () => {
      return (await counted()).toServer.bytes - before.toServer.bytes >= count * frame;
    });
    const after = await counted();
    for (const way of ["toServer", "toClient"] as const) {
      const { packets, bytes } = difference(after[way], before[way]);
      expect(packets).toBeLessThan(count + slack.packets / 3);
      expect(bytes).toBeLessThan(count * frame + slack.bytes / 3);
      expect(bytes).toBeGreaterThanOrEqual(count * frame);
    }
  });

  it("go on where they were when the agent is killed and comes back", async () => {
    const before = await counted();
    const { node = "" } = (await shardNamed(shard)) ?? {};
    const killed = agentOf(node);
    process.kill(killed, "SIGKILL");
    await eventually(
      "another agent tells them",
      async () => agentOf(node) !== killed && (await counted()).toServer.bytes >= 0,
      { withinMs: 30_000 },
    );
    const after = await counted();
    for (const way of ["toServer", "toClient"] as const)
      for (const what of ["bytes", "packets"] as const) {
        expect(after[way][what]).toBeGreaterThanOrEqual(before[way][what]);
        expect(after[way][what]).toBeLessThan(before[way][what] + slack.bytes);
      }
  });

  it("come with another shard, share the slots, and are gone with it", async () => {
    const names = async () =>
      (await series("weft_shard_slots", { group })).map(({ labels, value }) => [labels["shard"], value]);
    const resize = async (replicas: number) => {
      await weftDone("scale", `fg/${group}`, "--replicas", String(replicas), "--tenant", tenant);
      await ready(`fg/${group}`);
    };
    await resize(2);
    await eventually("both own slots", async () => (await names()).every(([, slots]) => slots === 128));
    expect(new Set((await names()).map(([name]) => name))).toEqual(new Set([shard, `${group}-1`]));
    await eventually("its load is told", async () => ((await shardNamed(`${group}-1`))?.flows ?? -1) >= 0);
    await resize(1);
    await eventually("one is left", async () => (await names()).length === 1);
    for (const name of Object.keys(metricCatalogue).filter((each) => each.startsWith("weft_shard_")))
      expect({ name, found: await series(name, of(`${group}-1`)) }).toEqual({ name, found: [] });
    const handoffs = await readSeries(consul, "network-stitcher", {
      name: "weft_handoff_seconds_count",
      labels: {},
    });
    expect(handoffs.reduce((sum, { value: count }) => sum + count, 0)).toBe(2);
  });
});
