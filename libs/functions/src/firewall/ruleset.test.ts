import { describe, expect, it } from "vitest";
import type { RenderContext } from "../network-function.ts";
import { firewall } from "./firewall.ts";

const networks = { inside: ["10.1.0.0/16", "fd00:1::/64"], outside: ["10.2.0.0/16"] };
const probe = { inner: ["100.64.0.128", "fd77::80"], outer: ["100.64.1.128", "fd77:0:0:1::80"] };

/** The lines of the forward chain that the rules made. */
function ruleLines(config: unknown, context: RenderContext = { networks }): string[] {
  const { text } = firewall.render(config, context);
  const chain = /chain forward \{\n(.*?)\n {2}\}/s.exec(text)?.[1] ?? "";
  const lines = chain.split("\n").map((line) => line.trim());
  return lines.slice(3, -1);
}

describe("a firewall rule", () => {
  const cases: readonly [string, object, string[]][] = [
    ["of nothing but an action", { action: "drop" }, ["ct state new counter name rule_a drop"]],
    [
      "from a network of two families",
      { action: "accept", from: "inside", protocol: "tcp", ports: [5201, "8000-8100"] },
      [
        "ct state new ip saddr 10.1.0.0/16 tcp dport { 5201, 8000-8100 } goto pass_a",
        "ct state new ip6 saddr fd00:1::/64 tcp dport { 5201, 8000-8100 } goto pass_a",
      ],
    ],
    [
      "between networks that share one family",
      { action: "accept", from: "inside", to: "outside", protocol: "icmp" },
      ["ct state new ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/16 meta l4proto { icmp, icmpv6 } goto pass_a"],
    ],
    [
      "with a narrower source within its network",
      { action: "drop", from: "inside", source: ["10.1.5.0/24", "10.1.7.0/24"] },
      ["ct state new ip saddr 10.1.0.0/16 ip saddr { 10.1.5.0/24, 10.1.7.0/24 } counter name rule_a drop"],
    ],
    [
      "that refuses TCP",
      { action: "reject", protocol: "tcp" },
      ["ct state new meta l4proto tcp counter name rule_a reject with tcp reset"],
    ],
    [
      "that refuses anything",
      { action: "reject" },
      ["ct state new counter name rule_a reject with icmpx admin-prohibited"],
    ],
    [
      "with a verbatim match",
      { action: "accept", protocol: "sctp", ports: [9], match: "ip ttl > 3" },
      ["ct state new sctp dport 9 ip ttl > 3 goto pass_a"],
    ],
  ];
  it.each(cases)("%s becomes nftables lines", (_, rule, lines) => {
    expect(ruleLines({ rules: [{ name: "a", ...rule }] })).toEqual(lines);
  });
});

describe("a firewall's ruleset", () => {
  it("replaces its table in one transaction and touches no other", () => {
    const { text } = firewall.render({}, { networks });
    expect(text.split("\n").slice(0, 3)).toEqual([
      "table inet weft_firewall",
      "delete table inet weft_firewall",
      "table inet weft_firewall {",
    ]);
    expect(text).not.toContain("flush");
  });

  it("lets exactly the probe's question pass ahead of the rules, in each family", () => {
    expect(ruleLines({}, { networks, probe })).toEqual([
      "ip saddr 100.64.0.128 ip daddr 100.64.1.128 icmp type echo-request accept",
      "ip6 saddr fd77::80 ip6 daddr fd77:0:0:1::80 icmpv6 type echo-request accept",
    ]);
  });

  it("drops by default, and by default counts what it drops", () => {
    expect(firewall.render({}, { networks }).text).toContain("    counter name default drop\n");
    expect(firewall.render({ default: "accept" }, { networks }).text).toContain("    goto pass\n");
  });

  it("refuses to render what is not sound", () => {
    expect(() => firewall.render({ rules: [{}] }, { networks })).toThrow(/refuses its configuration/);
  });
});

describe("what nft says of a ruleset", () => {
  const rules = [
    { name: "a", action: "accept", from: "inside", protocol: "tcp", ports: [1], match: "foo bar" },
    { name: "b", action: "drop" },
  ];
  const rendered = firewall.render({ rules }, { networks });
  const lines = rendered.text.split("\n");
  const lineNumber = lines.findIndex((line) => line.includes("foo bar")) + 1;
  const column = (lines[lineNumber - 1] ?? "").indexOf("foo") + 1;

  it("is led back to the field that the words came from", () => {
    const said = `/dev/stdin:${lineNumber}:${column}-${column + 2}: Error: No symbol type information\nx\n^^^\n`;
    expect(rendered.explain(said)).toEqual([
      { path: "rules[0].match", message: "nft says: No symbol type information" },
    ]);
  });

  it("is told once, though each address family says it", () => {
    const said = (at: number) => `/dev/stdin:${at}:${column}-${column}: Error: no\n`;
    expect(
      rendered.explain(said(lineNumber) + said(lineNumber + 1).replace(`:${column}-`, `:${column + 1}-`)),
    ).toHaveLength(1);
  });

  it("is not lost when it has no place", () => {
    expect(rendered.explain("netlink: Error: cache initialization failed\n")).toEqual([
      { path: "", message: "nft says: netlink: Error: cache initialization failed" },
    ]);
  });

  it("is read as counters of the firewall's own table", () => {
    const counter = {
      family: "inet",
      table: "weft_firewall",
      name: "rule_a",
      handle: 1,
      packets: 3,
      bytes: 180,
    };
    const other = { ...counter, table: "other", packets: 9 };
    const stdout = JSON.stringify({ nftables: [{ metainfo: {} }, { counter }, { counter: other }] });
    expect(firewall.counters.read(stdout)).toEqual({ rule_a: { packets: 3, bytes: 180 } });
  });
});
