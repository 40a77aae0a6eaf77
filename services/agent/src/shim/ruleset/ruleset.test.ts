/** The table as text: what is in it for which shard, and in which order a packet is asked. What it does to packets: test/lab/shim. */
import { describe, expect, it } from "vitest";
import type { ShimShape } from "./shape.ts";
import { isMark, shimRuleset } from "./ruleset.ts";

const shape: ShimShape = {
  affinity: "client",
  rewrites: false,
  size: 1_000,
  timeouts: { opening: 30, established: 7_500, closing: 120, datagrams: 300, others: 600 },
  self: ["100.64.0.2", "fd77::2"],
  sides: [
    { name: "in", device: "in0", mac: "0a:58:64:40:00:02", routerMac: "0a:58:64:40:00:01" },
    { name: "out", device: "out0", mac: "0a:58:64:40:01:02", routerMac: "0a:58:64:40:01:01" },
  ],
};
const textOf = (change: Partial<ShimShape> = {}) => shimRuleset({ ...shape, ...change }).text;

function rulesOf(text: string, chain: string): string[] {
  const body = new RegExp(`^ chain ${chain} {\n([^}]*?)^ }`, "ms").exec(
    text.replaceAll(/[{}](?=.)|(?<=\S )}/g, "|"),
  );
  return (body?.[1] ?? "").split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

/** Which of the words comes first in which rule. */
function orderOf(rules: readonly string[], words: readonly RegExp[]): number[] {
  return words.map((word) => rules.findIndex((rule) => word.test(rule)));
}

const ascending = (numbers: readonly number[]) =>
  numbers.every((each, index) => each >= 0 && each > (numbers[index - 1] ?? -1));

describe("the table of a shard", () => {
  const text = textOf();

  it.each(["in_4", "in_6", "out_4", "out_6"])("asks for a packet's flow in one order: %s", (way) => {
    const order = [
      new RegExp(`jump ${way}_ports_known`),
      new RegExp(`map @owner_${way.replace(/(\w+)_(\d)/, "$2_$1")} `),
      new RegExp(`map @next_${way.replace(/(\w+)_(\d)/, "$2_$1")} `),
      /counter name recorded/,
      new RegExp(`map @prev_${way.replace(/(\w+)_(\d)/, "$2_$1")} `),
      /^accept$/,
    ];
    expect(orderOf(rulesOf(text, `${way}_ports`), order)).toSatisfy(ascending);
  });

  it("hands on no frame of a peer, by whichever chain", () => {
    const reached = new Set<string>();
    const visit = (chain: string) => {
      if (reached.has(chain)) return;
      reached.add(chain);
      for (const rule of rulesOf(text, chain))
        for (const [, target = ""] of rule.matchAll(/(?:goto|jump) (\S+)/g)) visit(target);
    };
    for (const way of ["in_4", "in_6", "out_4", "out_6"]) visit(`${way}_peer`);
    const rules = [...reached].flatMap((chain) => rulesOf(text, chain));
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter((rule) => /fwd to|ether [sd]addr set/.test(rule))).toEqual([]);
  });

  it("lets no later fragment come to the rules that read ports", () => {
    const order = [/0x1fff != 0 .* goto in_4_later/, /0x1fff != 0 .* goto in_4_early/, /goto in_4_ports/];
    expect(orderOf(rulesOf(text, "in_4"), order)).toSatisfy(ascending);
  });

  it("has keys that begin with the client, whichever way the packet goes", () => {
    expect(rulesOf(text, "in_4_ports")[1]).toContain(
      "ip saddr . ip daddr . meta l4proto . th sport . th dport",
    );
    expect(rulesOf(text, "out_4_ports")[1]).toContain(
      "ip daddr . ip saddr . meta l4proto . th dport . th sport",
    );
  });

  it("replaces rules and keeps what is in the sets, but for the shard's own addresses", () => {
    expect(text.match(/^(?:add|flush|delete|destroy) .*$/gm)).toEqual([
      "add table netdev weft_shim",
      "flush table netdev weft_shim",
      "add set netdev weft_shim self_4 { type ipv4_addr; }",
      "flush set netdev weft_shim self_4",
      "add set netdev weft_shim self_6 { type ipv6_addr; }",
      "flush set netdev weft_shim self_6",
    ]);
    expect(text).toContain("set self_4 { type ipv4_addr; elements = { 100.64.0.2 }; }");
    expect(text).toContain("set self_6 { type ipv6_addr; elements = { fd77::2 }; }");
  });

  it("takes sizes and times from its shape", () => {
    const { timeouts } = shape;
    const other = textOf({ size: 77, timeouts: { ...timeouts, established: 432_000 } });
    expect(other).toContain("flags dynamic,timeout; size 77;");
    expect(other).toContain("timeout 432000s");
    expect(other).not.toContain("7500s");
  });
});

describe("slots by the client's port", () => {
  it("choose for what has ports; what has none goes by address, as it does in the network", () => {
    const text = textOf({ affinity: "connection" });
    expect(rulesOf(text, "in_4_ports").join()).toContain("th sport & 0x1fe map @next_port_in");
    expect(rulesOf(text, "out_6_ports").join()).toContain("th dport & 0x1fe map @prev_port_out");
    expect(rulesOf(text, "in_4_other").join()).toContain("ip saddr & 0.0.0.255 map @next_4_in");
    expect(rulesOf(text, "in_4_first").join()).toContain("ip saddr & 0.0.0.255 map @next_4_in");
    expect(textOf()).not.toContain("_port_");
  });
});

describe("a function that rewrites", () => {
  it("has what it sends recorded, in the other direction's key, and nothing from an address of its own", () => {
    const sent = rulesOf(textOf({ rewrites: true }), "out_4_sent");
    expect(orderOf(sent, [/saddr @self_4 accept/, /update @known_4 \| ip saddr \. ip daddr/])).toSatisfy(
      ascending,
    );
    expect(textOf()).not.toContain("hook egress");
  });
});

describe("the mark of the rules", () => {
  it("is another one for other rules, the same for the same", () => {
    const { mark } = shimRuleset(shape);
    expect(isMark(mark)).toBe(true);
    expect(shimRuleset({ ...shape }).mark).toBe(mark);
    expect(shimRuleset({ ...shape, self: ["100.64.0.3"] }).mark).not.toBe(mark);
    expect(textOf()).toContain(` chain ${mark} {`);
  });
});
