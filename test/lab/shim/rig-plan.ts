/** The namespaces of the rig, their links, addresses and routes, as a shell script; and the filter that each shard's function is. */

export const routers = { in: "0a:58:64:46:00:01", out: "0a:58:64:46:01:01" } as const;
export const shards = {
  old: {
    inner: { 4: "100.70.0.2", 6: "fd71::2" },
    outer: { 4: "100.70.1.2", 6: "fd72::2" },
    macs: { in: "0a:58:64:46:00:02", out: "0a:58:64:46:01:02" },
  },
  new: {
    inner: { 4: "100.70.0.3", 6: "fd71::3" },
    outer: { 4: "100.70.1.3", 6: "fd72::3" },
    macs: { in: "0a:58:64:46:00:03", out: "0a:58:64:46:01:03" },
  },
} as const;
export const port = 7000;
export const firstClient = 10;
export const lastClient = 249;

const hosts = ["client", "near-hop", "router", "far-hop", "server", "old", "new"] as const;
export const names = hosts.map((host) => `rig-${host}`);

/** client — near-hop — router ═ shards ═ router — far-hop — server: a hop's link can be made too narrow. */
export function plan(): string {
  return [
    ...hosts.map((host) => `ip netns add rig-${host}; ip -n rig-${host} link set lo up`),
    ...hosts.map(
      (host) =>
        `nsenter --net=/run/netns/rig-${host} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 ` +
        "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.accept_dad=0 net.ipv4.icmp_ratelimit=0",
    ),
    ...bridges(),
    ...Object.entries(shards).flatMap(([name, shard]) => shardLines(name, shard)),
    ...cable(
      { name: "client", link: "out", address: 2 },
      { name: "near-hop", link: "narrow", address: 1 },
      81,
    ),
    ...cable(
      { name: "near-hop", link: "wide", address: 2 },
      { name: "router", link: "clients", address: 1 },
      82,
    ),
    ...cable(
      { name: "server", link: "out", address: 2 },
      { name: "far-hop", link: "narrow", address: 1 },
      83,
    ),
    ...cable(
      { name: "far-hop", link: "wide", address: 2 },
      { name: "router", link: "servers", address: 1 },
      84,
    ),
    ...addresses(),
    ...routes(),
  ].join("\n");
}

function bridges(): string[] {
  return (["in", "out"] as const).flatMap((side) => {
    const [v4, v6] = side === "in" ? ["100.70.0.1", "fd71::1"] : ["100.70.1.1", "fd72::1"];
    return [
      `ip -n rig-router link add name br-${side} address ${routers[side]} type bridge`,
      `ip -n rig-router link set br-${side} up`,
      `ip -n rig-router address add ${v4}/24 dev br-${side}`,
      `ip -n rig-router address add ${v6}/64 dev br-${side} nodad`,
    ];
  });
}

function shardLines(name: string, { inner, outer, macs }: (typeof shards)["old" | "new"]): string[] {
  const inNamespace = `nsenter --net=/run/netns/rig-${name}`;
  const sides = [
    { side: "in", addresses: inner, mac: macs.in },
    { side: "out", addresses: outer, mac: macs.out },
  ] as const;
  return [
    ...sides.flatMap(({ side, addresses, mac }) => [
      `ip link add ${side}0 netns rig-${name} address ${mac} type veth peer name ${side}-${name} netns rig-router`,
      `ip -n rig-router link set ${side}-${name} master br-${side} up`,
      `ip -n rig-${name} link set ${side}0 up`,
      `ip -n rig-${name} address add ${addresses[4]}/24 dev ${side}0`,
      `ip -n rig-${name} address add ${addresses[6]}/64 dev ${side}0 nodad`,
    ]),
    `ip -n rig-${name} route add 10.70.1.0/24 via 100.70.0.1`,
    `ip -n rig-${name} -6 route add fd70:1::/64 via fd71::1`,
    `ip -n rig-${name} route add default via 100.70.1.1`,
    `ip -n rig-${name} -6 route add default via fd72::1`,
    `${inNamespace} nft -f - <<'RULES'\n${strictFilter}RULES`,
    `${inNamespace} sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0`,
  ];
}

interface End {
  readonly name: string;
  readonly link: string;
  readonly address: number;
}

function cable(one: End, other: End, network: number): string[] {
  const ends = [one, other].map(({ name, link }) => `name ${link} netns rig-${name}`);
  return [
    `ip link add ${ends[0]} type veth peer ${ends[1]}`,
    ...[one, other].flatMap(({ name, link, address }) => [
      `ip -n rig-${name} link set ${link} up`,
      `ip -n rig-${name} address add 10.${network}.0.${address}/24 dev ${link}`,
      `ip -n rig-${name} address add fd${network}::${address}/64 dev ${link} nodad`,
    ]),
  ];
}

/** The clients' and the server's own lie on the loopback: all else reaches them by routes. */
function addresses(): string[] {
  const clients = Array.from({ length: lastClient - firstClient + 1 }, (_, nth) => firstClient + nth);
  const lines = clients.flatMap((each) => [
    `address add 10.70.1.${each}/32 dev lo`,
    `address add fd70:1::${each.toString(16)}/128 dev lo nodad`,
  ]);
  return [
    `ip -n rig-client -batch - <<'LINES'\n${lines.join("\n")}\nLINES`,
    "ip -n rig-server address add 10.70.2.10/32 dev lo",
    "ip -n rig-server address add fd70:2::10/128 dev lo nodad",
  ];
}

/** The router asks its policies for what comes from a client or a server; what a shard sends it delivers. */
function routes(): string[] {
  const via = (name: string, network: number, address: number, to: { 4: string; 6: string }) => [
    `ip -n rig-${name} route add ${to[4]} via 10.${network}.0.${address}`,
    `ip -n rig-${name} -6 route add ${to[6]} via fd${network}::${address}`,
  ];
  const clients = { 4: "10.70.1.0/24", 6: "fd70:1::/64" };
  const servers = { 4: "10.70.2.0/24", 6: "fd70:2::/64" };
  const all = { 4: "default", 6: "default" };
  return [
    ...via("client", 81, 1, all),
    ...via("near-hop", 81, 2, clients),
    ...via("near-hop", 82, 1, all),
    ...via("router", 82, 2, clients),
    ...via("router", 84, 2, servers),
    ...via("far-hop", 83, 2, servers),
    ...via("far-hop", 84, 1, all),
    ...via("server", 83, 1, all),
    ...["", "-6 "].flatMap((family) => [
      `ip -n rig-router ${family}rule add iif clients lookup 1 priority 10`,
      `ip -n rig-router ${family}rule add iif servers lookup 2 priority 10`,
    ]),
  ];
}

/** Servers may open connections too, but push no datagrams that nobody asked for. */
const strictFilter = `table inet function {
  counter opened { }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state invalid drop
    ct state established,related accept
    tcp dport ${port} ct state new counter name opened accept
    iifname in0 udp dport ${port} counter name opened accept
    iifname in0 icmp type echo-request counter name opened accept
    iifname in0 icmpv6 type echo-request counter name opened accept
  }
}
`;
