/**
 * Which slot a flow belongs to: the same bits that the policies match, so network, shims and lists never disagree.
 * By port only where there is one: of later fragments a shim notes the pair alone, with ports 0, and OVN shows them so too.
 */
import type { Affinity, Flow } from "@weft/schemas";
import { parseAddress, slotCount } from "@weft/schemas";

/** TCP, UDP and SCTP by IP's numbers: what stitch/slot-match.ts matches by port. */
const protocolsWithPorts: ReadonlySet<number> = new Set([6, 17, 132]);

export function slotOfFlow(affinity: Affinity, [client, , protocol, clientPort, serverPort]: Flow): number {
  const byPort =
    affinity === "connection" && protocolsWithPorts.has(protocol) && (clientPort !== 0 || serverPort !== 0);
  return byPort
    ? (clientPort >> 1) & (slotCount - 1)
    : Number(parseAddress(client).value & BigInt(slotCount - 1));
}
