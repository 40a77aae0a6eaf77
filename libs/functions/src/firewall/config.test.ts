import { describe, expect, it } from "vitest";
import { firewall } from "./firewall.ts";

const context = {
  networks: { inside: ["10.1.0.0/16", "fd00:1::/64"], outside: ["10.2.0.0/16"], six: ["fd00:6::/64"] },
};
const rule = (more: object) => ({ rules: [{ name: "a", action: "accept", ...more }] });

describe("a firewall's configuration with a fault", () => {
  const cases: readonly [string, unknown, string][] = [
    ["an unknown field of a rule", rule({ form: "inside" }), "rules[0].form"],
    ["an unknown field of the whole", { defualt: "drop" }, "defualt"],
    ["an unknown action", { rules: [{ name: "a", action: "allow" }] }, "rules[0].action"],
    ["an unknown default", { default: "reject" }, "default"],
    ["a name that is no label", { rules: [{ name: "A B", action: "drop" }] }, "rules[0].name"],
    ["a name used twice", { rules: [rule({}).rules[0], rule({}).rules[0]] }, "rules[1].name"],
    ["a reversed range", rule({ protocol: "tcp", ports: [80, "90-80"] }), "rules[0].ports[1]"],
    ["a port beyond 65535", rule({ protocol: "tcp", ports: [65_536] }), "rules[0].ports[0]"],
    ["a port written as text", rule({ protocol: "tcp", ports: ["80"] }), "rules[0].ports[0]"],
    ["ports without a protocol", rule({ ports: [80] }), "rules[0].ports"],
    ["ports of a protocol that has none", rule({ protocol: "icmp", ports: [80] }), "rules[0].ports"],
    ["a source that is no subnet", rule({ source: ["10.1.0.1/16"] }), "rules[0].source[0]"],
    ["a network that is not there", rule({ to: "nowhere" }), "rules[0].to"],
    ["a network by a name of Object's", rule({ from: "constructor" }), "rules[0].from"],
    ["ends without a family in common", rule({ from: "outside", to: "six" }), "rules[0]"],
    ["a match with a statement's end", rule({ match: "tcp dport 1; accept" }), "rules[0].match"],
    ["a match with a line's end", rule({ match: "tcp dport 1\naccept" }), "rules[0].match"],
    ["a match with a comment", rule({ match: "tcp dport 1 # x" }), "rules[0].match"],
    ["a match with a quote", rule({ match: 'iifname "in0"' }), "rules[0].match"],
    ["a match that closes its chain", rule({ match: "tcp dport 1 } chain x {" }), "rules[0].match"],
    ["a match with a verdict", rule({ match: "tcp dport 1 accept" }), "rules[0].match"],
  ];
  it.each(cases)("%s is named at its place", (_, config, path) => {
    expect(firewall.faults(config, context).map((fault) => fault.path)).toContain(path);
  });

  const several: readonly [string, unknown, string[]][] = [
    [
      "too many rules, one of them with a fault",
      {
        rules: Array.from({ length: 1_001 }, (_, index) => ({
          name: `r-${index}`,
          action: index === 7 ? "allow" : "drop",
        })),
      },
      ["rules", "rules[7].action"],
    ],
    [
      "several fields of one rule",
      rule({ form: "x", ports: ["9-1"], source: ["x"] }),
      ["rules[0].form", "rules[0].ports", "rules[0].ports[0]", "rules[0].source[0]"],
    ],
    [
      "a reversed range and an unknown network",
      rule({ from: "insid", protocol: "tcp", ports: ["8100-8000"] }),
      ["rules[0].from", "rules[0].ports[0]"],
    ],
    [
      "an unknown field of one rule and an unknown network of another",
      { rules: [rule({ to: "nowhere" }).rules[0], { name: "b", action: "drop", form: "x" }] },
      ["rules[0].to", "rules[1].form"],
    ],
    [
      "an unknown action and ends without a family in common",
      { rules: [{ name: "a", action: "allow", from: "outside", to: "six" }] },
      ["rules[0]", "rules[0].action"],
    ],
    [
      "an unknown default and names used twice, one of them in a rule that is not sound",
      { default: "x", rules: [rule({}).rules[0], rule({ form: "x" }).rules[0]] },
      ["default", "rules[1].form", "rules[1].name"],
    ],
    [
      "a port that is none and names used twice",
      { rules: [rule({ protocol: "tcp", ports: [0] }).rules[0], rule({}).rules[0]] },
      ["rules[0].ports[0]", "rules[1].name"],
    ],
    [
      "an end that is no name beside one that is unknown",
      rule({ from: 3, to: "nowhere" }),
      ["rules[0].from", "rules[0].to"],
    ],
    [
      "rules that are none",
      { rules: ["x", null, rule({ to: "nowhere" }).rules[0]] },
      ["rules[0]", "rules[1]", "rules[2].to"],
    ],
    ["rules that are no list", { default: "x", rules: { from: "nowhere" } }, ["default", "rules"]],
    ["a configuration that is none", "x", [""]],
  ];
  it.each(several)("%s are named at once, each once", (_, config, paths) => {
    const faults = firewall.faults(config, context);
    expect(faults.map(({ path }) => path).sort()).toEqual(paths);
  });
});

describe("a sound firewall's configuration", () => {
  const sound: readonly [string, unknown][] = [
    ["nothing at all", {}],
    ["a default alone", { default: "accept" }],
    ["every field", rule({ from: "inside", to: "outside", protocol: "udp", ports: [53, "1000-2000"] })],
    ["a match in nftables' words", rule({ match: "tcp flags & (syn | ack) == syn ip ttl > 3" })],
    ["a match with a set", rule({ match: "ip dscp { cs1, cs2 }" })],
  ];
  it.each(sound)("may hold %s", (_, config) => {
    expect(firewall.faults(config, context)).toEqual([]);
  });
});
