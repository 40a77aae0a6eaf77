/**
 * Physical segments on real packets: machines that know nothing of Weft, each a network namespace wired to a node by a veth
 * as by a cable, talk only through the firewall's shards. One lab for the whole file.
 */
import { labStatus } from "@weft/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { countersCommand, readCounters } from "../../libs/lab/src/demo/counters.ts";
import { allowedPort, deniedPorts, group, tenant } from "../../libs/lab/src/demo/world.ts";
import { applyText, eventually, run, weft, weftDone, weftJson, yamlOf } from "./command-line.ts";
import { Machine } from "./machine.ts";

const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "60s", "--tenant", tenant);
const Shards = z.array(z.object({ name: z.string() }));
const Network = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), message: z.string() })),
    uplink: z.object({
      active: z.string().nullable(),
      nodes: z.array(z.object({ node: z.string(), state: z.string(), message: z.string().optional() })),
    }),
  }),
});
const network = async (name: string) =>
  Network.parse(await weftJson("get", "networks", name, "--tenant", tenant)).status;

const uplinks = {
  inside: { interface: "cable0", nodes: ["node-1", "node-2"] },
  outside: { interface: "cable1", vlan: 42, nodes: ["node-2"] },
};
const subnets = { inside: ["10.1.0.0/16", "fd00:1::/64"], outside: ["10.2.0.0/16", "fd00:2::/64"] };

function document(kind: string, name: string, spec: unknown) {
  return { kind, metadata: { name, tenant }, spec };
}

function documents() {
  const rules = [
    { name: "web", action: "accept", from: "inside", protocol: "tcp", ports: [allowedPort] },
    { name: "ping", action: "accept", from: "inside", protocol: "icmp" },
  ];
  return [
    document("Network", "inside", { subnets: subnets.inside, uplink: uplinks.inside }),
    document("Network", "outside", { subnets: subnets.outside, uplink: uplinks.outside }),
    document("FunctionGroup", group, {
      function: "firewall",
      runtime: "namespace",
      replicas: 3,
      config: { rules },
    }),
    document("Chain", "edge", { from: "inside", to: "outside", through: [group] }),
    document("Workload", "near", {
      command: ["sleep", "infinity"],
      networks: [{ network: "inside", address: "10.1.0.9" }],
      node: "node-3",
    }),
  ];
}

async function newConnections(): Promise<number> {
  const shards = Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
  const counts = shards.map(async ({ name }) => {
    const said = await weftDone("exec", `shard/${name}`, "--tenant", tenant, "--", ...countersCommand);
    return readCounters(said).passed;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

let client: Machine;
let server: Machine;

beforeAll(async () => {
  await weftDone("up", "--json");
  // The client's segment is a switch with a cable to each of two nodes; the server hangs on a VLAN of the third's.
  client = await Machine.cabled("weft-test-client", {
    cables: [
      { node: "node-1", interface: "cable0" },
      { node: "node-2", interface: "cable0" },
    ],
    addresses: ["10.1.0.50/16", "fd00:1::32/64"],
    gateways: ["10.1.0.1", "fd00:1::1"],
  });
  server = await Machine.cabled("weft-test-server", {
    cables: [{ node: "node-2", interface: "cable1" }],
    vlan: 42,
    addresses: ["10.2.0.50/16", "fd00:2::32/64"],
    gateways: ["10.2.0.1", "fd00:2::1"],
  });
  server.listen([allowedPort, ...deniedPorts]);
  expect(await applyText(yamlOf(documents()))).toMatchObject({ code: 0, stderr: "" });
  for (const what of ["network/inside", "network/outside", "chain/edge", "workload/near"]) await ready(what);
});

afterAll(async () => {
  await Promise.all([client?.[Symbol.asyncDispose](), server?.[Symbol.asyncDispose]()]);
  await weftDone("down");
});

describe("machines on physical segments", () => {
  it.each(["10.2.0.50", "fd00:2::32"])(
    "talk through the firewall's shards, which count them: %s",
    async (host) => {
      const before = await newConnections();
      expect(await client.reaches(host, allowedPort)).toBe(true);
      expect(await newConnections()).toBe(before + 1);
      expect(await client.pings(host)).toBe(true);
    },
  );

  it.each(["10.2.0.50", "fd00:2::32"])("are kept from every denied port: %s", async (host) => {
    const reached = await Promise.all(deniedPorts.map((port) => client.reaches(host, port)));
    expect(reached).not.toContain(true);
  });

  it("reach the workloads of their network, and these them, on whatever node", async () => {
    expect(await client.pings("10.1.0.9")).toBe(true);
    const ping = ["ping", "-c", "1", "-W", "2", "10.1.0.50"];
    expect((await weft("exec", "workload/near", "--tenant", tenant, "--", ...ping)).code).toBe(0);
  });

  it("do not talk once the chain is gone", async () => {
    await weftDone("delete", "chain/edge", "--tenant", tenant);
    await weftDone("wait", "chain/edge", "--for", "deleted", "--timeout", "30s", "--tenant", tenant);
    expect(await client.reaches("10.2.0.50", allowedPort)).toBe(false);
    expect(await client.pings("10.2.0.50")).toBe(false);
    expect(await applyText(yamlOf(documents()))).toMatchObject({ code: 0 });
    await ready("chain/edge");
    expect(await client.reaches("10.2.0.50", allowedPort)).toBe(true);
  });
});

describe("a segment that is cabled to two nodes", () => {
  it("goes over the second when the first loses its cable, and says so", async () => {
    const first = (await network("inside")).uplink.active ?? "none";
    const second = uplinks.inside.nodes.find((node) => node !== first);
    await client.unplug(first);
    await eventually(`${second} connects it`, 20_000, async () =>
      (await network("inside")).uplink.active === second ? true : undefined,
    );
    await ready("network/inside");
    await eventually("the client reaches the server", 10_000, async () =>
      (await client.reaches("10.2.0.50", allowedPort)) ? true : undefined,
    );
    const { uplink } = await network("inside");
    expect(uplink.nodes.find(({ node }) => node === first)).toMatchObject({
      state: "failed",
      message: `there is no interface cable0 on ${first}`,
    });
  });
});

describe("an uplink that is taken away", () => {
  it("leaves no bridge, no mapping and no port, and what is somebody else's as it was", async () => {
    await ovs("node-2", "set", "open_vswitch", ".", "external_ids:ovn-bridge-mappings-kept=1");
    const [inside] = documents();
    const without = { ...inside, spec: { subnets: subnets.inside } };
    expect(await applyText(yamlOf([without]))).toMatchObject({ code: 0 });
    await ready("network/inside");
    await eventually("node-2 has the other uplink alone", 10_000, async () =>
      (await ovs("node-2", "get", "open_vswitch", ".", "external_ids:ovn-bridge-mappings")).includes("cable0")
        ? undefined
        : true,
    );
    expect(await ovs("node-2", "list-br")).toMatch(/^br-int\nbr-phy\nweft-up-[0-9a-f]{7}\n$/);
    expect(await ovs("node-2", "get", "open_vswitch", ".", "external_ids:ovn-bridge-mappings")).toMatch(
      /^"?weft-cable1:weft-up-[0-9a-f]{7}"?\n$/,
    );
    expect(await client.pings("10.1.0.9")).toBe(false);
  });
});

async function ovs(node: string, ...args: string[]): Promise<string> {
  const endpoint = labStatus()?.endpoints?.nodes.find(({ name }) => name === node)?.ovsdb ?? "";
  const { code, stdout, stderr } = await run("ovs-vsctl", [`--db=${endpoint}`, ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
