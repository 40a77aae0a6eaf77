/**
 * The demonstration's documents: two networks, forty clients at consecutive addresses, a server, a firewall, a chain.
 * Pure; demonstration.ts applies them. The numbers here are those that the result speaks of.
 */
import { join } from "node:path";
import type { Document } from "@weft/schemas";

export const tenant = "demo";
export const group = "edge-fw";
export const clients = 42;
export const connectionsPerClient = 6;
export const serverAddress = "10.2.0.10";
export const allowedPort = 5201;
/** The server listens on these as well: what keeps them shut is the firewall alone. */
export const deniedPorts = [22, 23, 3306, 5200, 9000] as const;

const traffic = join(import.meta.dirname, "traffic");
const run = (script: string, ...rest: string[]) => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(traffic, script),
  ...rest,
];

export const clientCommand = run("echo-client.ts");

export function serverCommand(ports: readonly number[]): string[] {
  return run("echo-server.ts", ...ports.map(String));
}

type Input = Omit<Document, "apiVersion" | "spec"> & { readonly spec: unknown };

export function documents(): Input[] {
  return [
    { kind: "Network", metadata: { name: "inside", tenant }, spec: { subnets: ["10.1.0.0/16"] } },
    { kind: "Network", metadata: { name: "outside", tenant }, spec: { subnets: ["10.2.0.0/16"] } },
    firewall(),
    {
      kind: "Chain",
      metadata: { name: "edge", tenant },
      spec: { from: "inside", to: "outside", through: [group], onFailure: "closed" },
    },
    workload("server", "outside", serverAddress, serverCommand([allowedPort, ...deniedPorts])),
    ...Array.from({ length: clients }, (_, index) =>
      workload(clientName(index), "inside", clientAddress(index), ["sleep", "infinity"]),
    ),
  ];
}

export function clientName(index: number): string {
  return `client-${index + 1}`;
}

/** Consecutive from 10.1.0.11 on. */
export function clientAddress(index: number): string {
  return `10.1.0.${11 + index}`;
}

/** The slot of a client: the low 8 bits of its address. */
export function clientSlot(index: number): number {
  return 11 + index;
}

function firewall(): Input {
  return {
    kind: "FunctionGroup",
    metadata: { name: group, tenant },
    spec: {
      function: "firewall",
      runtime: "docker",
      replicas: 1,
      resources: { cpu: "0.25", memory: "128Mi" },
      config: {
        default: "drop",
        rules: [
          {
            name: "web",
            action: "accept",
            from: "inside",
            protocol: "tcp",
            ports: [allowedPort, "8000-8100"],
          },
          { name: "ping", action: "accept", from: "inside", protocol: "icmp" },
        ],
      },
    },
  };
}

function workload(name: string, network: string, address: string, command: string[]): Input {
  return {
    kind: "Workload",
    metadata: { name, tenant },
    spec: { runtime: "namespace", command, networks: [{ network, address }] },
  };
}
