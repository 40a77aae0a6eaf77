/**
 * A firewall configuration as nftables text: one table, loaded in one transaction, so old rules hold until new ones do.
 * Pure. Lines keep the path of what they came from, so that nft's "line 17, column 28" becomes `rules[1].ports`.
 * Connections are never flushed: what was let in stays in, whatever the new rules say.
 */
import { parseSubnet } from "@weft/schemas";
import type { Family } from "@weft/schemas";
import type { RenderContext } from "../network-function.ts";
import type { FirewallConfig, FirewallRule } from "./config.ts";
import { blank, line, part } from "./lines.ts";
import type { Line, Part } from "./lines.ts";
import { ruleMatches } from "./rule-match.ts";

export const table = "weft_firewall";
export const strayCounter = "reply_without_connection";
/** Of what any rule let in, by who opened it. */
export const connectionMarks = { client: 1, server: 2 } as const;
const families: readonly Family[] = [4, 6];

export function ruleCounter(name: string): string {
  return `rule_${name}`;
}

export function renderRuleset(config: FirewallConfig, context: RenderContext): Line[] {
  return [
    line(0, `table inet ${table}`),
    line(0, `delete table inet ${table}`),
    line(0, `table inet ${table} {`),
    ...counters(config),
    ...fixedChains,
    ...config.rules.flatMap((rule, index) => (rule.action === "accept" ? admittingChain(rule, index) : [])),
    ...(config.default === "accept" ? passChain("pass", "default") : []),
    ...forwardChain(config, context),
    ...inputChain,
    line(0, "}"),
  ];
}

const fixedCounters = [
  "default",
  "invalid",
  strayCounter,
  "connections_tcp",
  "connections_udp",
  "connections_other",
  "input_dropped",
];

function counters(config: FirewallConfig): Line[] {
  return [
    ...fixedCounters.map((name) => line(1, `counter ${name} { }`)),
    ...config.rules.map((rule, index) =>
      line(1, part(`counter ${ruleCounter(rule.name)} { }`, `rules[${index}].name`)),
    ),
    blank,
  ];
}

/**
 * A SYN-ACK or echo reply that belongs to no connection here came back by the wrong shard: that is counted apart.
 * A SYN sent again, and every datagram before the first answer, is `ct state new` once more: the connection's mark tells
 * that it was counted. A dropped packet leaves no connection behind, so the counters of drops count packets.
 */
const fixedChains: readonly Line[] = [
  line(1, "chain stray {"),
  line(2, `tcp flags & (syn | ack) == (syn | ack) counter name ${strayCounter} drop`),
  line(2, `icmp type echo-reply counter name ${strayCounter} drop`),
  line(2, `icmpv6 type echo-reply counter name ${strayCounter} drop`),
  line(2, "counter name invalid drop"),
  line(1, "}"),
  line(1, "chain count_connection {"),
  line(2, `ct mark set ${connectionMarks.client}`),
  line(2, `iifname "out0" ct mark set ${connectionMarks.server}`),
  line(2, "tcp flags & (syn | ack) == syn counter name connections_tcp return"),
  line(2, "meta l4proto udp counter name connections_udp return"),
  line(2, "meta l4proto != tcp counter name connections_other"),
  line(1, "}"),
];

function admittingChain(rule: FirewallRule, index: number): Line[] {
  return passChain(`pass_${rule.name}`, ruleCounter(rule.name), `rules[${index}]`);
}

function passChain(chain: string, counter: string, path?: string): Line[] {
  return [
    line(1, part(`chain ${chain} {`, path)),
    line(2, `ct mark 0 counter name ${counter} jump count_connection`),
    line(2, "accept"),
    line(1, "}"),
  ];
}

function forwardChain(config: FirewallConfig, context: RenderContext): Line[] {
  return [
    line(1, "chain forward {"),
    line(2, "type filter hook forward priority filter; policy drop;"),
    line(2, "ct state established,related accept"),
    line(2, "ct state invalid jump stray"),
    ...probeRules(context.probe),
    ...config.rules.flatMap((rule, index) => ruleLines(rule, index, context)),
    line(2, config.default === "accept" ? "goto pass" : "counter name default drop"),
    line(1, "}"),
  ];
}

/** Exactly the probe's question, before all rules; its answer is `established`. */
function probeRules(probe: RenderContext["probe"]): Line[] {
  return families.flatMap((family) => {
    const inner = probe?.inner.find((address) => parseSubnet(address).family === family);
    const outer = probe?.outer.find((address) => parseSubnet(address).family === family);
    if (inner === undefined || outer === undefined) return [];
    const [ip, icmp] = family === 4 ? ["ip", "icmp"] : ["ip6", "icmpv6"];
    return [line(2, `${ip} saddr ${inner} ${ip} daddr ${outer} ${icmp} type echo-request accept`)];
  });
}

function ruleLines(rule: FirewallRule, index: number, context: RenderContext): Line[] {
  const path = `rules[${index}]`;
  const matches = ruleMatches(rule, path, context) ?? [];
  return matches.map((match) => line(2, part("ct state new", path), ...match, ...verdict(rule, path)));
}

function verdict(rule: FirewallRule, path: string): Part[] {
  const counted = `counter name ${ruleCounter(rule.name)}`;
  switch (rule.action) {
    case "accept":
      return [part(`goto pass_${rule.name}`, `${path}.action`)];
    case "drop":
      return [part(`${counted} drop`, `${path}.action`)];
    case "reject":
      return [
        part(
          rule.protocol === "tcp"
            ? `${counted} reject with tcp reset`
            : `${counted} reject with icmpx admin-prohibited`,
          `${path}.action`,
        ),
      ];
  }
}

/** To the shard itself: neighbour discovery and pings, nothing else. */
const inputChain: readonly Line[] = [
  line(1, "chain input {"),
  line(2, "type filter hook input priority filter; policy drop;"),
  line(2, "iif lo accept"),
  line(2, "ct state established,related accept"),
  line(2, "meta l4proto { icmp, icmpv6 } accept"),
  line(2, "counter name input_dropped drop"),
  line(1, "}"),
];
