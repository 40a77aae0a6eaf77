/** Elements as text and back, and batches that nft cannot refuse: properties against a set that refuses what nft refuses. */
import * as fc from "fast-check";
import type { MacPair } from "@weft/decide";
import type { Flow } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { ownerTexts, waysText } from "./elements.ts";
import { batchSize } from "./entries.ts";
import { flowOf, flowsIn, flowText, quotedBy } from "./flow-text.ts";
import { rulesIn } from "./shim-kernel.ts";

const peers: readonly MacPair[] = [1, 2, 3].map((n) => ({
  in: `0a:58:64:40:00:0${n}`,
  out: `0a:58:64:40:01:0${n}`,
}));
const [one, two] = peers;

/** Few of each, so that flows differ in a protocol or a port alone. */
const anyFlow = fc
  .record({ n: fc.nat(3), v6: fc.boolean(), protocol: fc.constantFrom(1, 6, 17), port: fc.nat(2) })
  .map(({ n, v6, protocol, port }): Flow =>
    v6
      ? [`fd00:1::${n + 1}`, "fd00:2::1", protocol, port, protocol === 1 ? 0 : 53]
      : [`10.1.0.${n}`, "10.2.0.1", protocol, port, protocol === 1 ? 0 : 53],
  );
const anyOwners = fc
  .array(fc.tuple(anyFlow, fc.constantFrom(...peers)))
  .map((entries) => new Map(entries.map(([flow, macs]) => [flowText(flow), macs])));

/** Maps that take and refuse as the kernel does. */
class StrictMaps {
  readonly maps = new Map<string, Map<string, string>>();

  load(text: string): void {
    for (const [, verb, map = "", list = ""] of text.matchAll(
      /^(\w+) element netdev weft_shim (\S+) { (.*) }$/gm,
    ))
      for (const element of list.split(", ")) {
        const [key = "", mac = ""] = element.split(" : ");
        const held = this.maps.get(map) ?? new Map<string, string>();
        this.maps.set(map, held);
        if (verb === "delete" && !held.delete(key)) throw new Error(`${key} is not in ${map}`);
        if (verb === "add" && (held.get(key) ?? mac) !== mac) throw new Error(`${key} is in ${map}`);
        if (verb === "add") held.set(key, mac);
      }
  }

  get content(): Record<string, Record<string, string>> {
    const filled = [...this.maps].filter(([, { size }]) => size > 0);
    return Object.fromEntries(filled.map(([name, map]) => [name, Object.fromEntries(map)]));
  }
}

describe("owners of flows", () => {
  it("come from any state to any other by batches that nothing refuses, and no more is there than if they were new", () => {
    fc.assert(
      fc.property(anyOwners, anyOwners, (before, after) => {
        const maps = new StrictMaps();
        for (const text of ownerTexts(new Map(), before)) maps.load(text);
        for (const text of ownerTexts(before, after)) maps.load(text);
        const fresh = new StrictMaps();
        for (const text of ownerTexts(new Map(), after)) fresh.load(text);
        expect(maps.content).toEqual(fresh.content);
        expect(ownerTexts(after, after)).toEqual([]);
      }),
    );
  });

  it("are written in batches that a message of the kernel's can hold", () => {
    const many = new Map(
      Array.from({ length: 2 * batchSize + 1 }, (_, n) => [
        flowText(["10.1.0.1", "10.2.0.1", 6, n % 50_000, 80 + Math.floor(n / 50_000)]),
        peers[n % 3] ?? { in: "", out: "" },
      ]),
    );
    const texts = ownerTexts(new Map(), many);
    expect(texts.map((text) => text.split(" : ").length - 1)).toEqual([4 * batchSize, 4 * batchSize, 4]);
  });

  it("let nothing into the text but addresses and numbers", () => {
    const bad = new Map([
      ["10.1.0.1 . 10.2.0.1 . 6 . 1 . 2 }; flush ruleset", peers[0] ?? { in: "", out: "" }],
    ]);
    expect(() => ownerTexts(new Map(), bad)).toThrow(/not an element/);
  });
});

describe("a flow", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        expect(flowOf(flowText(flow))).toEqual(flow);
      }),
    );
  });

  it("is read from what nft prints of a set and of a map", () => {
    const listing = `table netdev weft_shim {
	set known_4 {
		type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service
		elements = { 10.1.0.1 . 10.2.0.1 . 6 . 1024 . 5201 timeout 7500s expires 7489s,
			     10.1.0.2 . 10.2.0.1 . 1 . 0 . 0 timeout 300s expires 12s }
	}
}`;
    const map = `elements = { fd00:1::2 . fd00:2:: . 17 . 1024 . 53 : 0a:58:64:40:00:02 }`;
    expect([...flowsIn(listing), ...flowsIn(map)]).toEqual([
      { flow: ["10.1.0.1", "10.2.0.1", 6, 1024, 5201], mac: undefined },
      { flow: ["10.1.0.2", "10.2.0.1", 1, 0, 0], mac: undefined },
      { flow: ["fd00:1::2", "fd00:2::", 17, 1024, 53], mac: "0a:58:64:40:00:02" },
    ]);
    expect([...flowsIn("table netdev weft_shim {\n	set known_4 {\n	}\n}")]).toEqual([]);
  });

  it("is quoted by the error of whom it was sent to, with ports in that order", () => {
    const flow: Flow = ["10.1.0.1", "10.2.0.1", 6, 0x400, 0x50];
    expect(quotedBy(flow, "out")).toBe("0x0a0100010a02000104000050");
    expect(quotedBy(flow, "in")).toBe("0x0a0200010a01000100500400");
    expect(quotedBy(["fd00:1::1", "fd00:2::1", 6, 1, 2], "out")).toBe(
      "0x0000000000000001fd00000200000000000000000000000100010002",
    );
    expect(quotedBy(["10.1.0.1", "10.2.0.1", 1, 0, 0], "out")).toBeUndefined();
  });
});

describe("ways of slots", () => {
  const ways = {
    next: new Map([[5, one ?? { in: "", out: "" }]]),
    prev: new Map([[255, two ?? { in: "", out: "" }]]),
  };

  it("are written whole, for both families and sides", () => {
    const text = waysText(ways, { affinity: "client", waiting: false });
    expect(text.match(/^flush map .*$/gm)).toHaveLength(8);
    expect(text.match(/^add .*$/gm)).toEqual([
      "add element netdev weft_shim next_4_in { 0.0.0.5 : 0a:58:64:40:00:01 }",
      "add element netdev weft_shim next_6_in { ::5 : 0a:58:64:40:00:01 }",
      "add element netdev weft_shim next_4_out { 0.0.0.5 : 0a:58:64:40:01:01 }",
      "add element netdev weft_shim next_6_out { ::5 : 0a:58:64:40:01:01 }",
      "add element netdev weft_shim prev_4_in { 0.0.0.255 : 0a:58:64:40:00:02 }",
      "add element netdev weft_shim prev_6_in { ::ff : 0a:58:64:40:00:02 }",
      "add element netdev weft_shim prev_4_out { 0.0.0.255 : 0a:58:64:40:01:02 }",
      "add element netdev weft_shim prev_6_out { ::ff : 0a:58:64:40:01:02 }",
    ]);
  });

  it("are by port as well where the port chooses", () => {
    expect(waysText(ways, { affinity: "connection", waiting: false })).toContain(
      "next_port_in { 10 : 0a:58:64:40:00:01 }",
    );
    expect(waysText(ways, { affinity: "connection", waiting: false })).toContain(
      "prev_port_out { 510 : 0a:58:64:40:01:02 }",
    );
  });
});

describe("what is loaded", () => {
  it("is read from the list of chains: the mark, and the interfaces that are listened on", () => {
    const listing = `table netdev other {
	chain rules_x {
	}
}
table netdev weft_shim {
	chain in_ingress {
		type filter hook ingress device "in0" priority -500; policy accept;
	}
	chain rules_4540f53e862d {
	}
	chain out_ingress {
		type filter hook ingress device "out0" priority -500; policy accept;
	}
}
`;
    expect(rulesIn(listing)).toEqual({
      marks: ["rules_4540f53e862d"],
      devices: ["in0", "out0"],
      waiting: false,
    });
    expect(rulesIn("")).toEqual({ marks: [], devices: [], waiting: false });
    expect(rulesIn("table netdev other {\n}\n")).toEqual({ marks: [], devices: [], waiting: false });
  });
});
