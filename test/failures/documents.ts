/** The documents of the lab for failures: clients and a server at the ends of one chain through one firewall group. Pure. */

export const tenant = "failures";
export const group = "fw";
export const serverAddress = "10.2.0.10";

export interface Shape {
  readonly shards: number;
  readonly clients: number;
  readonly onFailure: "closed" | "open";
  /** Each has a client of its own, `far-<node>`, beside those on node-1. */
  readonly farNodes: readonly string[];
}

/** Of up to 16 clients, far from each other: whichever slots a shard has after some failures, it has one of theirs. */
export function clientSlot(index: number): number {
  return 10 + (((index - 1) * 15) % 240);
}

/** All ends but those asked for are on node-1, so that other nodes can be lost without them. */
export function documents({ shards, clients, onFailure, farNodes }: Shape) {
  const meta = (name: string) => ({ name, tenant });
  const network = (name: string, subnet: string) => ({
    kind: "Network",
    metadata: meta(name),
    spec: { subnets: [subnet] },
  });
  const workload = (name: string, network: string, address: string, node = "node-1") => ({
    kind: "Workload",
    metadata: meta(name),
    spec: {
      runtime: "namespace",
      command: ["sleep", "infinity"],
      networks: [{ network, address }],
      node,
    },
  });
  return [
    network("inside", "10.1.0.0/16"),
    network("outside", "10.2.0.0/16"),
    groupDocument(shards),
    {
      kind: "Chain",
      metadata: meta("edge"),
      spec: { from: "inside", to: "outside", through: [group], onFailure },
    },
    workload("server", "outside", serverAddress),
    ...Array.from({ length: clients }, (_, at) =>
      workload(`client-${at + 1}`, "inside", `10.1.0.${clientSlot(at + 1)}`),
    ),
    ...farNodes.map((node, at) => workload(`far-${node}`, "inside", `10.1.1.${100 + at}`, node)),
  ];
}

export function groupDocument(replicas: number) {
  const rules = ["udp", "icmp"].map((protocol) => ({
    name: `probe-${protocol}`,
    action: "accept",
    from: "inside",
    protocol,
  }));
  const config = { default: "drop", rules };
  return {
    kind: "FunctionGroup",
    metadata: { name: group, tenant },
    spec: { function: "firewall", runtime: "docker", replicas, config },
  };
}
