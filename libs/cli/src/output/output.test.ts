import type { Resource } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { ageOf } from "./age.ts";
import { readyText, resourceColumns, shardColumns, slotColumns, slotShares } from "./columns.ts";
import { bytesText, numberText } from "./quantity.ts";
import { answerText } from "./show.ts";
import { tableText } from "./table.ts";
import { WatchTable } from "./watch-table.ts";

const now = Date.parse("2026-01-02T00:00:00Z");

const network: Resource = {
  apiVersion: "weft.dev/v1",
  kind: "Network",
  metadata: {
    name: "inside",
    tenant: "demo",
    uid: "u",
    generation: 1,
    revision: 7,
    createdAt: "2026-01-01T23:59:50Z",
  },
  spec: { subnets: ["10.1.0.0/16", "fd00::/64"], mtu: 1400 },
  status: {
    conditions: [
      {
        type: "Ready",
        status: "False",
        reason: "NotStitched",
        message: "not yet",
        since: "2026-01-01T23:59:50Z",
      },
    ],
    workloads: 2,
  },
};

describe("an age", () => {
  it.each([
    ["2026-01-02T00:00:01Z", "0s"],
    ["2026-01-01T23:58:30Z", "90s"],
    ["2026-01-01T23:30:00Z", "30m"],
    ["2026-01-01T12:00:00Z", "12h"],
    ["2025-12-01T00:00:00Z", "32d"],
    ["never", "?"],
  ])("of %s is %s", (time, text) => expect(ageOf(time, now)).toBe(text));
});

describe("quantities", () => {
  it.each([
    [null, "-"],
    [0, "0"],
    [1023, "1023"],
    [128 * 2 ** 20, "128Mi"],
    [1.5 * 2 ** 30, "1.5Gi"],
  ])("%s bytes are %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));
  it("numbers have at most three digits behind the point", () => {
    expect([numberText(0.1 + 0.2), numberText(null), numberText(4)]).toEqual(["0.3", "-", "4"]);
  });
});

describe("a table", () => {
  it("is aligned, without borders and without spaces at the end of a line", () => {
    expect(tableText(resourceColumns.Network, [network], now)).toBe(
      "NAME     SUBNETS                 MTU    WORKLOADS   READY         AGE\n" +
        "inside   10.1.0.0/16,fd00::/64   1400   2           NotStitched   10s\n",
    );
  });

  it("of nothing has its titles", () => {
    expect(tableText(shardColumns, [], now)).toMatch(/^NAME {3}GROUP {3}NODE .*READY FOR\n$/);
  });

  it("that grows keeps its columns and marks what is gone", () => {
    const table = new WatchTable([
      { title: "name", cell: (name: string) => name },
      { title: "b", cell: () => "x" },
    ]);
    table.fit(["longer"], now);
    expect(table.row("a", now) + table.row("longer", now, "(deleted)")).toBe(
      "NAME     B\na        x\nlonger   x   (deleted)\n",
    );
  });

  it("that grows stays where its titles are, whatever comes", () => {
    const table = new WatchTable([
      { title: "name", cell: (name: string) => name },
      { title: "state", usual: 8, cell: (name: string) => (name === "a" ? "ready" : "draining") },
      { title: "age", cell: () => "1s" },
    ]);
    const text = ["a", "b", "much-longer", "c"].map((name) => table.row(name, now)).join("");
    expect(text).toBe(
      [
        "NAME   STATE      AGE",
        "a      ready      1s",
        "b      draining   1s",
        "much-longer   draining   1s",
        "c      draining   1s",
        "",
      ].join("\n"),
    );
  });

  it("of slots counts them by owner", () => {
    const owners = Array.from({ length: 256 }, (_, slot) => (slot % 4 === 3 ? null : `fw-${slot % 2}`));
    expect(tableText(slotColumns, slotShares({ version: 1, owners }), now)).toBe(
      "SHARD   SLOTS   SHARE\n-       64      25%\nfw-0    128     50%\nfw-1    64      25%\n",
    );
  });
});

describe("an answer", () => {
  const answer = { value: { items: [1], text: "a: b" }, columns: slotColumns, rows: [] };
  it("is JSON, YAML or a table, as asked", () => {
    expect(JSON.parse(answerText("json", answer, now))).toEqual(answer.value);
    expect(answerText("yaml", answer, now)).toBe('items:\n  - 1\ntext: "a: b"\n');
    expect(answerText("table", answer, now)).toBe("SHARD   SLOTS   SHARE\n");
  });

  it("says in a word whether it is ready", () => {
    expect(readyText(network)).toBe("NotStitched");
  });
});
