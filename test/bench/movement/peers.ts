/**
 * What users would take instead to spread flows over shards, each on real programs: a policy of OVN with several next hops, which it
 * spreads by `dp_hash`, and a select group of Open vSwitch by `hash`. Both with four targets and then with five.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import {
  DummySwitch,
  ServerProcess,
  dummyBridge,
  dummyPort,
  eventually,
  program,
  startOvnCentral,
} from "@weft/testkit";

const run = promisify(execFile);
const router = "0a:00:00:00:01:01";
const shardMac = (index: number) => `0a:00:00:00:02:0${index}`;
const shardAddress = (index: number) => `100.64.0.1${index}`;
const shardPort = (index: number) => `shard${index}`;
const ifaceId = (port: string) => `external_ids:iface-id=${port}`;
const four = [1, 2, 3, 4] as const;
const five = [...four, 5] as const;
const server = "10.2.0.10";

export interface Flow {
  readonly client: string;
  readonly clientPort: number;
}

/** The target of each flow, by "address port". */
export type Targets = ReadonlyMap<string, number>;

export interface Peer {
  readonly four: Targets;
  readonly five: Targets;
}

/** A logical router's policy that reroutes to several next hops, as ovn-controller makes it a select group. */
export async function ovnEcmp(flows: readonly Flow[]): Promise<Peer> {
  await using central = await startOvnCentral();
  await using stack = new AsyncDisposableStack();
  const local = stack.use(await DummySwitch.start());
  await local.vsctl(
    "set",
    "Open_vSwitch",
    ".",
    "external_ids:system-id=host",
    `external_ids:ovn-remote=${central.southbound.unix}`,
    "external_ids:ovn-encap-type=geneve",
    "external_ids:ovn-encap-ip=127.0.0.1",
    ...dummyBridge("br-int"),
    ...dummyPort("br-int", "client", ifaceId("client")),
    ...five.flatMap((index) => local.kept("br-int", shardPort(index), ifaceId(shardPort(index)))),
  );
  const controller = await ServerProcess.start({
    name: "ovn-controller",
    command: (folder) => [
      "env",
      `OVS_RUNDIR=${local.folder}`,
      `OVN_RUNDIR=${folder}`,
      program("ovn-controller"),
      "-vconsole:warn",
      "-vsyslog:off",
      local.database.unix,
    ],
    ready: async () => (await central.nbctl("--wait=hv", "sync")) === "",
  });
  stack.use(controller);
  const spread = async (shards: readonly number[]) => {
    await central.nbctl("--wait=hv", ...logicalNetwork(shards));
    return targetsOf(local, flows, router);
  };
  const first = await spread(four);
  await central.nbctl("--wait=hv", "lr-policy-del", "router");
  await central.nbctl(
    "--wait=hv",
    "lr-policy-add",
    "router",
    "10",
    "ip4.dst == 10.2.0.0/16",
    "reroute",
    nexthops(five),
  );
  return { four: first, five: await targetsOf(local, flows, router) };
}

function nexthops(shards: readonly number[]): string {
  return shards.map(shardAddress).join(",");
}

function logicalNetwork(shards: readonly number[]): string[] {
  const commands = [
    ["lr-add", "router"],
    ["lrp-add", "router", "near", router, "10.1.0.1/16"],
    ["lrp-add", "router", "far", "0a:00:00:00:01:02", "100.64.0.1/24"],
    ...["near", "far"].flatMap((side) => [
      ["ls-add", `${side}-switch`],
      ["lsp-add", `${side}-switch`, `${side}-router`],
      ["lsp-set-type", `${side}-router`, "router"],
      ["lsp-set-addresses", `${side}-router`, "router"],
      ["lsp-set-options", `${side}-router`, `router-port=${side}`],
    ]),
    ["lsp-add", "near-switch", "client"],
    ["lsp-set-addresses", "client", "0a:00:00:00:00:01 10.1.0.2"],
    ...five.flatMap((index) => [
      ["lsp-add", "far-switch", shardPort(index)],
      ["lsp-set-addresses", shardPort(index), `${shardMac(index)} ${shardAddress(index)}`],
    ]),
    // Without any route a router drops a packet before it looks at policies.
    ["lr-route-add", "router", "10.2.0.0/16", shardAddress(1)],
    ["lr-policy-add", "router", "10", "ip4.dst == 10.2.0.0/16", "reroute", nexthops(shards)],
  ];
  return commands.flatMap((command, index) => (index === 0 ? command : ["--", ...command]));
}

/** `selection_method=hash` over the fields that tell a connection. */
export async function selectGroup(flows: readonly Flow[]): Promise<Peer> {
  await using local = await DummySwitch.start();
  await local.vsctl(
    ...dummyBridge("br0", "protocols=OpenFlow15"),
    ...dummyPort("br0", "client", "ofport_request=1"),
    ...five.flatMap((index) => local.kept("br0", shardPort(index), `ofport_request=${10 + index}`)),
  );
  const group = (shards: readonly number[]) =>
    [
      "group_id=1,type=select,selection_method=hash,fields(ip_src,ip_dst,ip_proto,tcp_src,tcp_dst)",
      ...shards.map((index) => `bucket=bucket_id:${index},actions=output:${10 + index}`),
    ].join(",");
  await local.ofctl("add-group", "br0", group(four));
  await local.ofctl("add-flow", "br0", "in_port=1,actions=group:1");
  const first = await targetsOf(local, flows, router);
  await local.ofctl("mod-group", "br0", group(five));
  return { four: first, five: await targetsOf(local, flows, router) };
}

/** A dummy port holds 100 packets and drops what comes beyond. */
const packetsAtOnce = 50;

async function targetsOf(local: DummySwitch, flows: readonly Flow[], ethDst: string): Promise<Targets> {
  const before = new Map(five.map((index) => [index, local.left(shardPort(index)).length]));
  const left = () =>
    five.flatMap((index) =>
      local
        .left(shardPort(index))
        .slice(before.get(index))
        .map((flow) => [flow, index] as const),
    );
  for (let at = 0; at < flows.length; at += packetsAtOnce) {
    const some = flows.slice(at, at + packetsAtOnce);
    await local.receive(
      "client",
      some.map(({ client, clientPort }) => ({ ethDst, client, clientPort, server })),
    );
    await eventually("every flow's packet left by one port", () => left().length === at + some.length);
  }
  return new Map(left());
}

export async function versions(): Promise<Record<string, string>> {
  const first = async (name: string) =>
    /\d+(\.\d+)+/.exec((await run(path.basename(program(name)), ["--version"])).stdout)?.[0] ?? "unknown";
  return { "Open vSwitch": await first("ovs-vswitchd"), OVN: await first("ovn-controller") };
}
