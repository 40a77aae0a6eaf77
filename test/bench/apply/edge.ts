/**
 * The world of the apply bench: two networks, a server, a client for each shard, and what is applied in each run: a firewall
 * of four docker shards and its chain. Names and addresses as they stand in the documents; pure.
 */
import path from "node:path";

export const tenant = "bench";
export const shards = 4;
export const port = 5201;
export const serverAddress = "10.2.0.10";
export const image = "weft/firewall:dev";

const server = path.join(import.meta.dirname, "../../../libs/lab/src/demo/traffic/echo-server.ts");
const metadata = (name: string) => ({ name, tenant });

/** Four consecutive addresses have four owners: the low bits choose. */
export const clientNames = Array.from({ length: shards }, (_, index) => `client-${index}`);

export const standing = [
  { kind: "Network", metadata: metadata("inside"), spec: { subnets: ["10.1.0.0/16"] } },
  { kind: "Network", metadata: metadata("outside"), spec: { subnets: ["10.2.0.0/16"] } },
  workload("server", { network: "outside", address: serverAddress }, [process.execPath, server, `${port}`]),
  ...clientNames.map((name, index) => workload(name, { network: "inside", address: `10.1.0.${12 + index}` })),
];

export const applied = [
  {
    kind: "FunctionGroup",
    metadata: metadata("edge-fw"),
    spec: {
      function: "firewall",
      runtime: "docker",
      replicas: shards,
      config: {
        rules: [{ name: "web", action: "accept", from: "inside", protocol: "tcp", ports: [port] }],
      },
    },
  },
  {
    kind: "Chain",
    metadata: metadata("edge"),
    spec: { from: "inside", to: "outside", through: ["edge-fw"] },
  },
];

function workload(name: string, on: { network: string; address: string }, command?: readonly string[]) {
  return {
    kind: "Workload",
    metadata: metadata(name),
    spec: { runtime: "namespace", networks: [on], ...(command === undefined ? {} : { command }) },
  };
}
