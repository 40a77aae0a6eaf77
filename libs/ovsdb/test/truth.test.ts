/** The promise of a replica, on every database that Weft knows: whatever is done to the server and to the connections, it ends equal. */
import { extent } from "@weft/testkit";
import { describe, expect, it, vi } from "vitest";
import type { MonitorMethod, Uuid } from "../src/index.ts";
import { Shadow, held } from "./support/comparing.ts";
import { drawFrom } from "./support/draw.ts";
import { differences, dumpOf } from "./support/dumped.ts";
import { selected } from "./support/random-watch.ts";
import { runSeries } from "./support/series.ts";
import type { TruthOptions, TruthWorld } from "./support/truth-world.ts";
import { truthWorld } from "./support/truth-world.ts";

/** Committed for certain in each series; beside them go those that are refused or whose answer is lost. */
const transactions = extent({ bounded: 1_000, full: 10_000 });
const caughtUp = { timeout: 20_000, interval: 50 };
const cutEvery = 15;
const restartEvery = 250;

const databases: readonly TruthOptions["file"][] = ["ovn-northbound", "ovn-southbound", "open-vswitch"];
/**
 * A clustered server that crashes gets no weak references: ovsdb-server 3.1 does not always log that it took one away (from a row that
 * the same transaction changes), so that it is back after a restart, and the server no longer what it had told its clients.
 */
const kinds: readonly {
  kind: string;
  clustered: boolean;
  method: MonitorMethod;
  crashes: boolean;
  weak: boolean;
}[] = [
  { kind: "clustered, crashing", clustered: true, method: "monitor_cond", crashes: true, weak: false },
  { kind: "clustered", clustered: true, method: "monitor", crashes: false, weak: true },
  { kind: "standalone, crashing", clustered: false, method: "monitor", crashes: true, weak: true },
];
const cases = databases.flatMap((file, at) =>
  kinds.map((kind, turn) => ({ file, ...kind, seed: kinds.length * at + turn + 1 })),
);

describe("after a series of random transactions by several writers, with cuts and crashes of the server", () => {
  it.each(cases)("every replica equals a fresh dump: $file, $kind", async (options) => {
    await using at = await truthWorld(options);
    const [newest, oldest] = at.whole;
    if (newest === undefined || oldest === undefined) throw new Error("two followers of all rows");
    const shadow = new Shadow();
    shadow.follow(newest);
    const outcome = await play(at, options);
    expect(outcome.committed).toBeGreaterThanOrEqual(transactions);
    expect(outcome.wrong).toEqual([]);
    expect(outcome.refused).toBeGreaterThan(transactions / 20);

    const dump = await dumpOf(at.server.unix, at.schema.name);
    for (const replica of at.whole)
      await vi.waitFor(() => expect(differences(replica, dump)).toEqual([]), caughtUp);
    expect(shadow.faults).toEqual([]);
    expect(shadow.rows(Object.keys(at.schema.tables))).toEqual(held(newest));

    const some = await selected(at.direct, at.schema, at.part.watch);
    const meant = (table: string, uuid: string) => some.has(`${table} ${uuid}`);
    await vi.waitFor(() => expect(differences(at.part.replica, dump, meant)).toEqual([]), caughtUp);
    expect(at.proxies.every(({ connections }) => connections > 10)).toBe(true);
    expect(at.proxies.some(({ resumed }) => resumed > 5)).toBe(options.clustered);
  });
});

function play(at: TruthWorld, { seed, crashes, weak }: (typeof cases)[number]) {
  const trouble = drawFrom(seed + 100);
  const [known] = at.whole;
  const existing = (table: string): readonly Uuid[] =>
    (known?.table(table).rows() ?? []).map((row) => row._uuid).filter((uuid) => uuid !== at.ballast);
  return runSeries({
    writers: at.writers.map((client, index) => ({
      client,
      world: { schema: at.schema, draw: drawFrom(10 * seed + index), existing, weak },
    })),
    committed: transactions,
    trouble: async (committed) => {
      if (committed % cutEvery === 0) trouble.pick(at.proxies)?.cut();
      if (crashes && committed % restartEvery === 0) {
        await at.server.down();
        await at.server.up();
      }
    },
  });
}
