/**
 * The wires between the nodes: one bridge in a namespace of its own, an uplink into each node's namespace, and one into
 * the root namespace, by which the control plane and the nodes reach each other. Makes links; leaves addresses on the
 * nodes' br-phy to node.ts. In the root namespace Docker's iptables rules would eat the bridge's frames.
 */
import { ignoreArp } from "@weft/host";
import { ipBatch, runCommand } from "./command.ts";
import type { NodeLayout } from "./layout.ts";
import { controlAddress, managementLink, prefixLength, underlayMtu, underlayNamespace } from "./layout.ts";
import { closeToNeighbours } from "./packet-filter.ts";

/** Name of a node's uplink inside its own namespace. */
export const uplink = "uplink";
const bridge = "br0";
const managementPort = "mgmt";

/** Lays the whole underlay with one `nft`, one `ip` batch and one in each namespace, and one `ethtool` for each end of a link. */
export async function layUnderlay(nodes: readonly NodeLayout[], signal: AbortSignal): Promise<void> {
  // First of all: no server may be reachable from outside, not even for a moment.
  await closeToNeighbours(signal);
  await ipBatch(namespacesAndLinks(nodes), { signal });
  await Promise.all([
    ipBatch(bridgeAndPorts(nodes), { signal, namespace: underlayNamespace }),
    ...nodes.map((node) => raiseUplink(node, signal)),
  ]);
  await stopChecksumOffload(nodes, signal);
}

async function raiseUplink({ namespace }: NodeLayout, signal: AbortSignal): Promise<void> {
  await runCommand(["nsenter", `--net=/run/netns/${namespace}`, "sh", "-c", ignoreArp(uplink)], { signal });
  await ipBatch([linkUp("lo"), linkUp(uplink)], { signal, namespace });
}

function namespacesAndLinks(nodes: readonly NodeLayout[]): string[] {
  return [
    `netns add ${underlayNamespace}`,
    ...nodes.map((node) => `netns add ${node.namespace}`),
    veth(managementLink, managementPort),
    ...nodes.map((node) => veth(`${uplink} netns ${node.namespace}`, node.name)),
    `address add ${controlAddress}/${prefixLength} dev ${managementLink}`,
    linkUp(managementLink),
  ];
}

function veth(end: string, underlayEnd: string): string {
  return `link add name ${end} mtu ${underlayMtu} type veth peer name ${underlayEnd} mtu ${underlayMtu} netns ${underlayNamespace}`;
}

function linkUp(link: string): string {
  return `link set ${link} up`;
}

function bridgeAndPorts(nodes: readonly NodeLayout[]): string[] {
  return [
    linkUp("lo"),
    `link add ${bridge} mtu ${underlayMtu} type bridge`,
    linkUp(bridge),
    ...[managementPort, ...nodes.map((node) => node.name)].map(
      (port) => `link set ${port} master ${bridge} up`,
    ),
  ];
}

/**
 * User-space Open vSwitch passes frames on as they are, and a frame whose checksum was left to a device that does not
 * exist is dropped at the far end: ping works, TCP does not. So both ends of every veth compute their own.
 */
async function stopChecksumOffload(nodes: readonly NodeLayout[], signal: AbortSignal): Promise<void> {
  const off = (link: string, namespace?: string) =>
    runCommand(
      [
        ...(namespace === undefined ? [] : ["nsenter", `--net=/run/netns/${namespace}`]),
        "ethtool",
        "-K",
        link,
        "tx",
        "off",
      ],
      { signal },
    );
  await Promise.all([
    off(managementLink),
    off(managementPort, underlayNamespace),
    ...nodes.flatMap((node) => [off(node.name, underlayNamespace), off(uplink, node.namespace)]),
  ]);
}
