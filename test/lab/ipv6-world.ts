/**
 * The documents of the IPv6 test: networks with both families, networks with IPv6 alone, clients at consecutive IPv6
 * addresses in each, one firewall for all. Pure.
 */
import { allowedPort, deniedPorts, group, serverCommand, tenant } from "../../libs/lab/src/demo/world.ts";

export const clients = 12;
export const chains = ["both", "alone"] as const;
export const serverOfBoth6 = "fd00:2::10";
export const serverOfBoth4 = "10.2.0.2";
export const serverAlone = "fd00:4::10";

export const clientOfBoth = (index: number) => `client-${index + 1}`;
export const clientAlone = (index: number) => `client-alone-${index + 1}`;
export const clientSlot = (index: number) => 11 + index;

const indices = Array.from({ length: clients }, (_, index) => index);
export const workloads = [
  "server",
  "server-alone",
  ...indices.map(clientOfBoth),
  ...indices.map(clientAlone),
];

const subnets = {
  inside: ["10.1.0.0/16", "fd00:1::/64"],
  outside: ["10.2.0.0/16", "fd00:2::/64"],
  "inside-alone": ["fd00:3::/64"],
  "outside-alone": ["fd00:4::/64"],
};

export function documents(): unknown[] {
  return [
    ...Object.entries(subnets).map(([name, own]) => document("Network", name, { subnets: own })),
    document("FunctionGroup", group, {
      function: "firewall",
      runtime: "namespace",
      replicas: 4,
      config: {
        default: "drop",
        rules: [
          { name: "web", action: "accept", protocol: "tcp", ports: [allowedPort] },
          { name: "ping", action: "accept", protocol: "icmp" },
        ],
      },
    }),
    document("Chain", "both", { from: "inside", to: "outside", through: [group] }),
    document("Chain", "alone", { from: "inside-alone", to: "outside-alone", through: [group] }),
    server("server", "outside", serverOfBoth6),
    server("server-alone", "outside-alone", serverAlone),
    ...indices.flatMap((index) => [
      client(clientOfBoth(index), "inside", `fd00:1::${clientSlot(index).toString(16)}`),
      client(clientAlone(index), "inside-alone", `fd00:3::${clientSlot(index).toString(16)}`),
    ]),
  ];
}

function server(name: string, network: string, address: string) {
  const command = serverCommand([allowedPort, ...deniedPorts]);
  return document("Workload", name, { command, networks: [{ network, address }] });
}

function client(name: string, network: string, address: string) {
  return document("Workload", name, { command: ["sleep", "infinity"], networks: [{ network, address }] });
}

function document(kind: string, name: string, spec: unknown) {
  return { kind, metadata: { name, tenant }, spec };
}
