/**
 * What a firewall rule matches, as parts of nftables lines: one line for each address family that it can concern.
 * Reads the rule and the tenant's networks; pure. Verdicts and counters are ruleset.ts's.
 */
import { parseSubnet } from "@weft/schemas";
import type { Family } from "@weft/schemas";
import type { Fault } from "@weft/schemas";
import type { RenderContext } from "../network-function.ts";
import type { FirewallRule, RuleEnds } from "./config.ts";
import { part } from "./lines.ts";
import type { Part } from "./lines.ts";

/** A set of addresses that the source or destination must be in. */
interface Constraint {
  readonly end: "saddr" | "daddr";
  readonly subnets: readonly string[];
  readonly path: string;
}

/** A line's parts for each family that the rule can concern; undefined when there is none. */
export function ruleMatches(
  rule: FirewallRule,
  path: string,
  { networks }: Pick<RenderContext, "networks">,
): Part[][] | undefined {
  const rest = [...protocolParts(rule, path), ...verbatimParts(rule, path)];
  return addressMatches(constraintsOf(rule, path, networks))?.map((parts) => [...parts, ...rest]);
}

/** As ruleMatches, of the addresses alone; one line of no parts when there is no constraint. */
function addressMatches(constraints: readonly Constraint[]): Part[][] | undefined {
  if (constraints.length === 0) return [[]];
  const lines = ([4, 6] as const).flatMap((family) => {
    const parts = constraints.map((constraint) => addressPart(constraint, family));
    return parts.includes(undefined) ? [] : [parts.filter((each) => each !== undefined)];
  });
  return lines.length === 0 ? undefined : lines;
}

/** Networks that are not there, and ends whose families never meet. */
export function ruleFaults(rule: RuleEnds, path: string, context: Pick<RenderContext, "networks">): Fault[] {
  const unknown = (["from", "to"] as const).flatMap((field) => {
    const name = rule[field];
    return name === undefined || Object.hasOwn(context.networks, name)
      ? []
      : [{ path: `${path}.${field}`, message: `there is no network "${name}" in this tenant` }];
  });
  if (unknown.length > 0) return unknown;
  if (addressMatches(constraintsOf(rule, path, context.networks)) !== undefined) return [];
  return [
    { path, message: "can match nothing: its source and destination have no address family in common" },
  ];
}

function constraintsOf(rule: RuleEnds, path: string, networks: RenderContext["networks"]): Constraint[] {
  const named = (name: string) => (Object.hasOwn(networks, name) ? (networks[name] ?? []) : []);
  const all = [
    { end: "saddr", subnets: rule.from === undefined ? undefined : named(rule.from), path: `${path}.from` },
    { end: "saddr", subnets: rule.source, path: `${path}.source` },
    { end: "daddr", subnets: rule.to === undefined ? undefined : named(rule.to), path: `${path}.to` },
    { end: "daddr", subnets: rule.destination, path: `${path}.destination` },
  ] as const;
  return all.flatMap(({ end, subnets, path }) => (subnets === undefined ? [] : [{ end, subnets, path }]));
}

function addressPart({ end, subnets, path }: Constraint, family: Family): Part | undefined {
  const own = subnets.filter((subnet) => parseSubnet(subnet).family === family);
  if (own.length === 0) return undefined;
  return part(`${family === 4 ? "ip" : "ip6"} ${end} ${setOf(own)}`, path);
}

function protocolParts({ protocol, ports }: FirewallRule, path: string): Part[] {
  if (protocol === undefined) return [];
  if (protocol === "icmp") return [part("meta l4proto { icmp, icmpv6 }", `${path}.protocol`)];
  if (ports === undefined) return [part(`meta l4proto ${protocol}`, `${path}.protocol`)];
  return [part(`${protocol} dport ${setOf(ports.map(String))}`, `${path}.ports`)];
}

function verbatimParts({ match }: FirewallRule, path: string): Part[] {
  return match === undefined ? [] : [part(match, `${path}.match`)];
}

function setOf(members: readonly string[]): string {
  return members.length === 1 ? members.join("") : `{ ${members.join(", ")} }`;
}
