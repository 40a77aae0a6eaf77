/**
 * What the test of a second host works on: documents with a group of two shards, eight clients and a server, and ways to ask
 * what became of them. Counts are read inside the shards.
 */
import { labStatus } from "@weft/lab";
import { expect } from "vitest";
import { z } from "zod";
import { run, weft, weftDone, weftJson } from "./command-line.ts";

export const tenant = "join";
/** The name that the second host joins under. */
export const name = "second";
/** Neighbours, so both of two shards have some of them. */
export const clients = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => ({
  name: `c${index}`,
  address: `10.1.0.${16 + index}`,
}));

const workload = (who: string, network: string, address: string) => ({
  kind: "Workload",
  metadata: { name: who, tenant },
  spec: {
    runtime: "namespace",
    command: ["sleep", "infinity"],
    node: "node-1",
    networks: [{ network, address }],
  },
});
export const documents = [
  { kind: "Network", metadata: { name: "inside", tenant }, spec: { subnets: ["10.1.0.0/16"] } },
  { kind: "Network", metadata: { name: "outside", tenant }, spec: { subnets: ["10.2.0.0/16"] } },
  {
    kind: "FunctionGroup",
    metadata: { name: "fw", tenant },
    spec: {
      function: "firewall",
      runtime: "namespace",
      replicas: 2,
      // Echoes are waited for longer than a test should take.
      drain: { timeout: "2s" },
      config: { rules: [{ name: "ping", action: "accept", from: "inside", protocol: "icmp" }] },
    },
  },
  {
    kind: "Chain",
    metadata: { name: "edge", tenant },
    spec: { from: "inside", to: "outside", through: ["fw"] },
  },
  workload("server", "outside", "10.2.0.10"),
  ...clients.map((client) => workload(client.name, "inside", client.address)),
];

const Nodes = z.array(z.object({ name: z.string(), state: z.string(), address: z.string() }));
const Shards = z.array(
  z.object({ name: z.string(), node: z.string(), state: z.string(), slots: z.number() }),
);
export const nodes = async () => Nodes.parse(await weftJson("get", "nodes"));
export const shards = async () => Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
export const newToken = async (...args: string[]) => (await weftDone("node", "token", ...args)).trim();
export const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "60s", "--tenant", tenant);

export async function chassis(): Promise<string[]> {
  const southbound = labStatus()?.endpoints?.southbound ?? "";
  const { stdout } = await run("ovn-sbctl", [
    `--db=${southbound}`,
    "--no-leader-only",
    "--bare",
    "--columns=name",
    "list",
    "chassis",
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}

const Counters = z.object({
  nftables: z.array(z.object({ counter: z.object({ name: z.string(), packets: z.number() }).optional() })),
});

/** Connections of each shard that the rule for pings let through. */
export async function passed(): Promise<Record<string, number>> {
  const counts = await Promise.all(
    (await shards()).map(async (shard) => {
      const exec = ["exec", `shard/${shard.name}`, "--tenant", tenant, "--"];
      const printed = await weftDone(...exec, "nft", "-j", "list", "counters");
      const { nftables } = Counters.parse(JSON.parse(printed));
      const ping = nftables.find(({ counter }) => counter?.name === "rule_ping");
      return [shard.name, ping?.counter?.packets ?? 0] as const;
    }),
  );
  return Object.fromEntries(counts);
}

/** How many of the clients get an answer of the server. */
export async function answered(): Promise<number> {
  const ping = ["ping", "-c", "2", "-i", "0.2", "-W", "2", "10.2.0.10"];
  const outcomes = await Promise.all(
    clients.map((client) => weft("exec", `workload/${client.name}`, "--tenant", tenant, "--", ...ping)),
  );
  return outcomes.filter(({ code }) => code === 0).length;
}

/** As many shards as there are on the first node, and one more: it goes where none is. */
export async function placeOneThere(): Promise<void> {
  for (const replicas of ["2", "3"]) {
    await weftDone("scale", "fg/fw", "--replicas", replicas, "--tenant", tenant);
    await ready("fg/fw");
  }
  expect((await shards()).map((shard) => shard.node)).toContain(name);
}
