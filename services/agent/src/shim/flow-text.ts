/**
 * Flows as nft writes them, and read from what it prints; the header that an ICMP error about a flow would quote. Pure.
 * The text of a flow is one and the same wherever nft printed it, so it stands for the flow.
 */
import { parseAddress } from "@weft/schemas";
import type { Family, Flow } from "@weft/schemas";
import type { SideName } from "./ruleset/shape.ts";

const between = " . ";
const flowPattern =
  /([0-9a-f.:]+) \. ([0-9a-f.:]+) \. (\d+) \. (\d+) \. (\d+)(?:(?: timeout \w+)?(?: expires \w+)? : ([0-9a-f:]{17}))?/g;

/** An element of a listing: of a map with its MAC. */
export interface Listed {
  readonly flow: Flow;
  readonly mac: string | undefined;
}

/** Reads `nft -n list set` or `list map`, whatever else stands around the elements. */
export function* flowsIn(listing: string): Generator<Listed> {
  const start = listing.indexOf("elements = {");
  if (start < 0) return;
  for (const [, client = "", server = "", protocol, clientPort, serverPort, mac] of listing
    .slice(start)
    .matchAll(flowPattern))
    yield { flow: [client, server, Number(protocol), Number(clientPort), Number(serverPort)], mac };
}

/** Reads `nft list map` of slots by IPv4: the slot's number and the MAC. */
export function slotsIn(listing: string): [string, string][] {
  return [...listing.matchAll(/0\.0\.0\.(\d+) : ([0-9a-f:]{17})/g)].map(([, slot = "", mac = ""]) => [
    slot,
    mac,
  ]);
}

/** Reads `nft list set` of addresses. */
export function addressesIn(listing: string): string[] {
  const [, elements = ""] = /elements = {([^}]*)}/.exec(listing) ?? [];
  return elements.split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
}

export function flowText(flow: Flow): string {
  return flow.join(between);
}

export function flowOf(text: string): Flow {
  const [client = "", server = "", ...numbers] = text.split(between);
  const [protocol = 0, clientPort = 0, serverPort = 0] = numbers.map(Number);
  return [client, server, protocol, clientPort, serverPort];
}

export function familyOf([client]: Flow): Family {
  return client.includes(":") ? 6 : 4;
}

/**
 * Source, destination and ports of the packet that an error arriving at this side is about, as one number: on the side of the
 * clients one that went to the client. Undefined where no port tells the flow.
 */
export function quotedBy(flow: Flow, side: SideName): string | undefined {
  const [client, server, , clientPort, serverPort] = flow;
  if (clientPort === 0 && serverPort === 0) return undefined;
  const [source, target] = side === "out" ? [client, server] : [server, client];
  const ports = side === "out" ? [clientPort, serverPort] : [serverPort, clientPort];
  const digits = familyOf(flow) === 4 ? 8 : 32;
  // Of an IPv6 source only the low half: a longer key does not fit.
  const from = hex(source, digits).slice(digits === 32 ? 16 : 0);
  return `0x${from}${hex(target, digits)}${ports.map((port) => port.toString(16).padStart(4, "0")).join("")}`;
}

function hex(address: string, digits: number): string {
  return parseAddress(address).value.toString(16).padStart(digits, "0");
}
