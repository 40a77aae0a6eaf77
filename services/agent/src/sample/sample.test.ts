/** What the kernel tells, read; and totals that neither fall nor forget, whatever links and processes come and go. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkIn, parseFlows } from "./kernel-counters.ts";
import { Rates } from "./rates.ts";
import { Totals } from "./totals.ts";

describe("the kernel's counters", () => {
  it("of links are read by name, also where a number stands hard by the colon", () => {
    const text = [
      "Inter-|   Receive                                                |  Transmit",
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
      "    lo:     300       6    0    0    0     0          0         0      301       7    0    0    0     0       0          0",
      "weft-0123456789:1340 14 0 0 0 0 0 0 2024 20 0 0 0 0 0 0",
      "",
    ].join("\n");
    expect(linkIn(text, "lo")).toEqual({
      receivedBytes: 300,
      receivedPackets: 6,
      sentBytes: 301,
      sentPackets: 7,
    });
    expect(linkIn(text, "weft-0123456789")).toEqual({
      receivedBytes: 1340,
      receivedPackets: 14,
      sentBytes: 2024,
      sentPackets: 20,
    });
    expect([linkIn(text, "o"), linkIn(text, "0123456789"), linkIn(text, "face")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("of tracked connections are hexadecimal, the same in every CPU's line", () => {
    const line = "0000001f  00000000 00000002";
    expect(parseFlows(`entries  clashres found\n${line}\n${line}\n`)).toBe(31);
    expect(parseFlows("entries  clashres found\n")).toBeUndefined();
  });
});

describe("totals", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "weft-totals-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = () => new Totals(path.join(folder, "totals.json"));

  it("are what was counted by all links together, however often the agent is started anew between", () => {
    const life = fc.array(
      fc.record({ counted: fc.array(fc.nat({ max: 1000 }), { minLength: 1 }), restart: fc.boolean() }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(life, fc.uuid(), (links, uid) => {
        let totals = open();
        let counted = 0;
        let told = 0;
        for (const { counted: steps, restart } of links) {
          let raw = 0;
          // A link that counts again at least what the one before had is not told apart: the agent looks just before it takes one away.
          totals.total(uid, "bytes", 0);
          for (const step of steps) {
            raw += step;
            counted += step;
            const total = totals.total(uid, "bytes", raw);
            expect(total).toBeGreaterThanOrEqual(told);
            told = total;
          }
          expect(told).toBe(counted);
          totals.keep();
          if (restart) totals = open();
        }
      }),
    );
  });

  it("go on over a restart while the link stays, also when nothing was kept since", () => {
    const first = open();
    first.total("p", "bytes", 100);
    first.keep();
    first.total("p", "bytes", 150);
    expect(open().total("p", "bytes", 160)).toBe(160);
  });

  it("begin anew with a new placement, and forget one that is gone", () => {
    const totals = open();
    totals.total("old", "bytes", 100);
    expect(totals.total("new", "bytes", 10)).toBe(10);
    totals.retain(new Set(["new"]));
    totals.keep();
    expect(open().total("old", "bytes", 5)).toBe(5);
  });
});

describe("rates", () => {
  it("are told from the second sample on, and not over a sample that said nothing", () => {
    const rates = new Rates();
    const tell = (total: number | null, atMs: number) => {
      const rate = rates.rate("bits", total, atMs);
      rates.turn();
      return rate;
    };
    expect([tell(100, 0), tell(300, 500), tell(null, 1000), tell(900, 1500), tell(1000, 2500)]).toEqual([
      null,
      400,
      null,
      null,
      100,
    ]);
  });
});
