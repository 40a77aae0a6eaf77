import { describe, expect, it } from "vitest";
import { readCounters, since } from "./counters.ts";
import { faultsOf, resultTable } from "./result.ts";

const good = {
  nodes: 3,
  shardsBefore: 1,
  shardsAfter: 4,
  connections: 240,
  shares: { "edge-fw-0": 60, "edge-fw-1": 61, "edge-fw-2": 60, "edge-fw-3": 59 },
  wrongShardReplies: 0,
  denied: { attempted: 20, refused: 20 },
  brokenByScale: 180,
  seconds: 40,
};

describe("the demonstration's result", () => {
  it("passes when every connection was counted once and each shard had its share", () => {
    expect(faultsOf(good)).toEqual([]);
  });

  it.each([
    ["a connection that no shard counted", { connections: 241 }, "counted 240"],
    ["a shard with hardly any", { shares: { a: 200, b: 20, c: 20, d: 0 } }, "only 0 of 240"],
    ["a reply by the wrong shard", { wrongShardReplies: 1 }, "wrong shard"],
    ["a denied port that could be reached", { denied: { attempted: 20, refused: 19 } }, "1 denied ports"],
  ])("fails by %s", (_situation, change, fault) => {
    expect(faultsOf({ ...good, ...change }).join()).toContain(fault);
  });

  it("is shown with the share of each shard", () => {
    expect(resultTable(good, () => "node-1")).toContain("edge-fw-1   node-1             61    25%");
  });
});

describe("a shard's counters", () => {
  it("are read from nft's listing by name", () => {
    const listing = {
      nftables: [
        { metainfo: { version: "1.0.6" } },
        { counter: { family: "inet", name: "rule_web", table: "weft_firewall", packets: 7, bytes: 420 } },
        { counter: { family: "inet", name: "default", table: "weft_firewall", packets: 2, bytes: 80 } },
      ],
    };
    const read = readCounters(JSON.stringify(listing));
    expect(read).toEqual({ passed: 7, dropped: 2, strayReplies: 0 });
    expect(since({ passed: 3, dropped: 2, strayReplies: 0 }, read).passed).toBe(4);
  });
});
