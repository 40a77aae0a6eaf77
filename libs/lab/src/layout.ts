/**
 * Where everything of a lab is: folders, sockets, namespaces, addresses, ports. Pure names, nothing is touched.
 * 198.18.0.0/15 is kept for network tests (RFC 2544), so it cannot clash with an address that a machine really has.
 */
import { createHash } from "node:crypto";
import path from "node:path";

export const managementLink = "weft-mgmt";
export const underlayNamespace = "weft-underlay";
export const controlAddress = "198.18.0.1";
export const gatewayAddress = "127.0.0.1";
export const underlayMtu = 9000;
export const prefixLength = 24;
export const underlayNetwork = `198.18.0.0/${prefixLength}`;
/** Node addresses are 198.18.0.11 and up; the last octet must stay below 255. */
export const maxNodes = 200;

/** TCP ports, each with the addresses that a server of the lab binds. */
export const ports = {
  nats: { port: 4222, addresses: [controlAddress] },
  northbound: { port: 6641, addresses: [controlAddress] },
  southbound: { port: 6642, addresses: [controlAddress] },
  consul: { port: 8500, addresses: [controlAddress, "127.0.0.1"] },
  "consul-dns": { port: 8600, addresses: [controlAddress, "127.0.0.1"] },
  "consul-rpc": { port: 8300, addresses: [controlAddress] },
  "consul-serf": { port: 8301, addresses: [controlAddress] },
  gateway: { port: 8080, addresses: [gatewayAddress, controlAddress] },
  "gateway-2": { port: 8081, addresses: [gatewayAddress, controlAddress] },
} as const;

/** Each copy of a service tells its metrics on a port of its own; agents on the same port of their own addresses. */
export const metricsPorts = {
  agent: 9710,
  intent: 9711,
  "intent-2": 9712,
  scheduler: 9713,
  "scheduler-2": 9714,
  "network-stitcher": 9715,
  "network-stitcher-2": 9716,
  health: 9717,
  "health-2": 9718,
  gateway: 9719,
  "gateway-2": 9720,
} as const;

export interface NodeLayout {
  readonly name: string;
  readonly index: number;
  readonly namespace: string;
  readonly address: string;
  readonly folder: string;
  /** Unix socket of the node's own ovsdb-server. */
  readonly ovsdbSocket: string;
  /** Control socket of the node's own ovs-vswitchd. */
  readonly vswitchdSocket: string;
  /** What the node's agent keeps. */
  readonly agentFolder: string;
}

export interface LabLayout {
  /** The same for every lab of one folder, so that what a lost lab left is found without its state file. */
  readonly id: string;
  readonly folder: string;
  readonly logs: string;
  readonly stateFile: string;
  readonly tokenFile: string;
  readonly dockerFolder: string;
  readonly natsFolder: string;
  readonly consulFolder: string;
  readonly centralFolder: string;
  readonly northboundSocket: string;
  readonly southboundSocket: string;
}

/** The lab's folder: WEFT_LAB_DIR, or /run/weft/lab, which a reboot empties together with what it describes. */
export function labFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(environment["WEFT_LAB_DIR"] ?? "/run/weft/lab");
}

export function labLayout(folder: string): LabLayout {
  const inside = (...parts: string[]) => path.join(folder, ...parts);
  return {
    id: `lab-${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`,
    folder,
    logs: inside("logs"),
    stateFile: inside("state.json"),
    tokenFile: inside("token"),
    dockerFolder: inside("dockerd"),
    natsFolder: inside("nats"),
    consulFolder: inside("consul"),
    centralFolder: inside("central"),
    northboundSocket: inside("central", "nb.sock"),
    southboundSocket: inside("central", "sb.sock"),
  };
}

export function nodeLayout(lab: LabLayout, index: number): NodeLayout {
  const name = `node-${index}`;
  const folder = path.join(lab.folder, name);
  return {
    name,
    index,
    namespace: `weft-${name}`,
    address: `198.18.0.${10 + index}`,
    folder,
    ovsdbSocket: path.join(folder, "db.sock"),
    vswitchdSocket: path.join(folder, "vswitchd.ctl"),
    agentFolder: path.join(folder, "agent"),
  };
}

/** Of the lab or of one of its agents, and nothing else that somebody may have called weft-something. */
export function isNamespaceOfLab(name: string): boolean {
  return name === underlayNamespace || /^weft-(?:node-\d+|[0-9a-f]{10})$/.test(name);
}

export function isLinkOfLab(name: string): boolean {
  return name === managementLink || /^weft-(?:[0-9a-f]{10}|up-[0-9a-f]{7})$/.test(name);
}

export function isCgroupOfLab(name: string): boolean {
  return /^weft-[0-9a-f]{10}$/.test(name);
}

export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}
