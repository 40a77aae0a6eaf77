/** The promise of a commit slot, on a cluster whose leader is killed again and again while several clients write. */
import { extent } from "@weft/testkit";
import { describe, expect, it, vi } from "vitest";
import type { CommitSlot } from "../src/index.ts";
import { ConnectionLost, OvnNorthbound, OvsdbClient, database } from "../src/index.ts";
import type { Dump } from "./support/dumped.ts";
import { differences, dumpOf } from "./support/dumped.ts";
import { OvsdbCluster } from "./support/ovsdb-cluster.ts";
import { connectionOf } from "./support/series.ts";

const nb = database(OvnNorthbound);
const writers = ["a", "b", "c"];
const kills = extent({ bounded: 3, full: 30 });
/** Commits of all writers between two kills, so that some are always under way. */
const commitsBetween = 60;
const caughtUp = { timeout: 30_000, interval: 50 };
const backoff = { minDelayMs: 5, maxDelayMs: 100 };

/** What the transactions were told to be, by the name of the row that each inserts. */
class Told {
  readonly committed: string[] = [];
  /** Of those, known by reading: their answer was lost. */
  readonly read: string[] = [];
  readonly not: string[] = [];
  readonly unknown: string[] = [];
  done = false;

  async write(slot: CommitSlot, name: string): Promise<void> {
    const operations = [
      nb.insert("Logical_Switch", { name }),
      nb.mutate("NB_Global", [], [["nb_cfg", "+=", 1]]),
    ];
    try {
      const { results } = await slot.commit(operations);
      this.committed.push(name);
      if (results === undefined) this.read.push(name);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      (error.outcome === "unknown" ? this.unknown : this.not).push(name);
    }
  }
}

async function writeOn(client: OvsdbClient, writer: string, told: Told): Promise<void> {
  const place = {
    table: "Copp",
    where: [["name", "==", writer]],
    column: "external_ids",
    key: "mark",
  } as const;
  const slot = client.commitSlot(OvnNorthbound, place);
  for (let serial = 0; !told.done; serial += 1) {
    await connectionOf(client);
    await told.write(slot, `${writer}-${serial}`);
  }
}

async function killLeaders(cluster: OvsdbCluster, told: Told): Promise<void> {
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const enough = told.committed.length + commitsBetween;
      await vi.waitFor(() => expect(told.committed.length).toBeGreaterThan(enough), caughtUp);
      const leader = await cluster.leader();
      await cluster.kill(leader);
      await cluster.leader();
      await cluster.up(leader);
    }
  } finally {
    told.done = true;
  }
}

/** The one atom in each row's column. */
function column(dump: Dump, table: string, name: string): readonly unknown[] {
  return [...(dump.get(table)?.values() ?? [])].map((row): unknown => {
    const [atom = "null"]: readonly string[] = JSON.parse(row.get(name) ?? "[]");
    return JSON.parse(atom);
  });
}

describe("a cluster of three whose leader is killed under writes", () => {
  it(`has every acknowledged transaction exactly once, and none that was told not to be in: ${kills} kills`, async () => {
    await using cluster = await OvsdbCluster.start();
    await using stack = new AsyncDisposableStack();
    const connect = async (leaderOnly: boolean) =>
      stack.use(await OvsdbClient.connect({ remote: cluster.remotes(), leaderOnly, backoff }));
    const rows = writers.map((name) => nb.insert("Copp", { name }));
    await (await connect(true)).transact(OvnNorthbound, [nb.insert("NB_Global", {}), ...rows]);
    const follower = await (
      await connect(false)
    ).monitor(OvnNorthbound, { Logical_Switch: {}, NB_Global: {} });

    const told = new Told();
    const writing = writers.map(async (writer) => writeOn(await connect(true), writer, told));
    await Promise.all([killLeaders(cluster, told), ...writing]);

    const dump = await dumpOf(cluster.remote(await cluster.leader()), "OVN_Northbound");
    expect(column(dump, "Logical_Switch", "name").map(String).sort()).toEqual(told.committed.toSorted());
    expect(column(dump, "NB_Global", "nb_cfg")).toEqual([told.committed.length]);
    expect(told.unknown).toEqual([]);
    expect(told.read.length + told.not.length, "answers that were lost").toBeGreaterThan(0);
    await vi.waitFor(() => expect(differences(follower, dump)).toEqual([]), caughtUp);
    for (const member of [0, 1, 2])
      await vi.waitFor(
        async () => expect(await dumpOf(cluster.remote(member), "OVN_Northbound")).toEqual(dump),
        caughtUp,
      );
  });
});
