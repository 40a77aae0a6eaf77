/** Documents of the moving world: two networks with a host each, and a strict firewall between them that can be asked for in several ways. */

export const tenant = "moving";
export const group = "fw";
export const port = 7000;
/** Where the client listens, for a group that lets the server in (backRule). */
export const backPort = 7001;
export const backRule = {
  name: "back",
  action: "accept",
  from: "outside",
  protocol: "tcp",
  ports: [backPort],
};
export const server = "10.8.2.10";
/** The low octet is the slot: consecutive ones lie in all shards. */
export const firstClient = 10;
export const client = (nth: number) => `10.8.1.${firstClient + nth}`;
/** By family of the networks' addresses. */
export const places = {
  4: { inside: "10.8.1.0/24", outside: "10.8.2.0/24", server, client, prefix: 24 },
  6: {
    inside: "fd00:8:1::/64",
    outside: "fd00:8:2::/64",
    server: "fd00:8:2::10",
    client: (nth: number) => `fd00:8:1::${(firstClient + nth).toString(16)}`,
    prefix: 64,
  },
} as const;

export interface GroupOptions {
  readonly replicas: number;
  /** `0s` keeps no connection: the same without a handoff. */
  readonly drain?: string;
  readonly runtime?: "docker" | "namespace";
  readonly image?: string;
  /** Beside those that the traffic needs. */
  readonly rules?: readonly object[];
  readonly update?: object;
  readonly state?: "local" | "replicated";
  readonly affinity?: "client" | "connection";
  /** Of the networks; 4 unless it says so. */
  readonly family?: 4 | 6;
}

const metadata = (name: string) => ({ name, tenant });
const network = (name: string, subnet: string) => ({
  kind: "Network",
  metadata: metadata(name),
  spec: { subnets: [subnet] },
});
/** On a node of its own, where it stays: what becomes of the third node is its shards' affair alone. */
const workload = (name: string, node: string, networks: readonly object[]) => ({
  kind: "Workload",
  metadata: metadata(name),
  spec: { command: ["sleep", "infinity"], networks, node },
});
/** No end of the traffic stands on it. */
export const thirdNode = "node-3";

export function worldDocuments(options: GroupOptions): unknown[] {
  const place = places[options.family ?? 4];
  return [
    network("inside", place.inside),
    network("outside", place.outside),
    workload("client", "node-1", [{ network: "inside", address: place.client(0) }]),
    workload("server", "node-2", [{ network: "outside", address: place.server }]),
    groupDocument(options),
    {
      kind: "Chain",
      metadata: metadata("edge"),
      spec: { from: "inside", to: "outside", through: [group] },
    },
  ];
}

export function groupDocument(options: GroupOptions) {
  const {
    replicas,
    drain = "10m",
    runtime = "namespace",
    image,
    rules = [],
    update,
    state,
    affinity,
  } = options;
  const accept = (protocol: string) => ({
    name: protocol,
    action: "accept",
    from: "inside",
    protocol,
    ports: [port],
  });
  return {
    kind: "FunctionGroup",
    metadata: metadata(group),
    spec: {
      function: "firewall",
      runtime,
      replicas,
      drain: { timeout: drain },
      ...(image === undefined ? {} : { image }),
      ...(update === undefined ? {} : { update }),
      ...(state === undefined ? {} : { state }),
      ...(affinity === undefined ? {} : { affinity }),
      config: { default: "drop", rules: [accept("tcp"), accept("udp"), ...rules] },
    },
  };
}

/** What an operator wants of a node. */
export function nodePolicy(
  node: string,
  wishes: { readonly unschedulable?: boolean; readonly drain?: boolean },
) {
  return { kind: "NodePolicy", metadata: metadata(node), spec: { node, ...wishes } };
}
