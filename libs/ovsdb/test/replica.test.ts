import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { DatabaseSchema, MonitorMethod } from "../src/index.ts";
import { ConnectionLost, OvnNorthbound, OvsdbClient, database, monitorMethods } from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { Shadow, dump, held } from "./support/comparing.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";
import { randomFrom, randomTransaction } from "./support/random-writer.ts";

const nb = database(OvnNorthbound);
const all = { Logical_Switch: { indexes: ["name"] }, Logical_Switch_Port: {}, ACL: {} } as const;
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };

interface World extends AsyncDisposable {
  readonly server: OvsdbServer;
  readonly proxy: CuttingProxy;
  /** Goes straight to the server. */
  readonly writer: OvsdbClient;
  /** Goes through the proxy. */
  readonly follower: OvsdbClient;
}

async function world(
  options: { clustered?: boolean; methods?: readonly MonitorMethod[]; probeIntervalMs?: number } = {},
): Promise<World> {
  // Disposed here when something fails on the way, by the test once it is moved.
  await using stack = new AsyncDisposableStack();
  const server = stack.use(
    await OvsdbServer.start({ schema: "ovn-northbound", clustered: options.clustered === true }),
  );
  const proxy = stack.use(await CuttingProxy.start(join(server.folder, "proxy.sock"), server.unix));
  const writer = stack.use(await OvsdbClient.connect({ remote: server.tcp, backoff }));
  const follower = stack.use(
    await OvsdbClient.connect({
      remote: proxy.remote,
      backoff,
      monitorMethods: options.methods ?? monitorMethods,
      probeIntervalMs: options.probeIntervalMs ?? 5_000,
    }),
  );
  const owned = stack.move();
  return { server, proxy, writer, follower, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A transaction that may be lost on the way, like any. */
async function attempt(transaction: Promise<unknown>): Promise<void> {
  try {
    await transaction;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) {
      throw error;
    }
  }
}

describe("a replica under several writers and many cuts", () => {
  it.each<{ name: string; methods: readonly MonitorMethod[]; clustered: boolean; seed: number }>([
    { name: "monitor_cond_since, resumed", methods: monitorMethods, clustered: true, seed: 1 },
    { name: "monitor_cond_since, loaded afresh", methods: monitorMethods, clustered: false, seed: 2 },
    { name: "monitor_cond", methods: ["monitor_cond"], clustered: false, seed: 3 },
    { name: "monitor", methods: ["monitor"], clustered: false, seed: 4 },
  ])("equals a fresh dump, and so do its events: $name", async ({ methods, clustered, seed }) => {
    await using at = await world({ methods, clustered });
    // Servers keep no more history than they have data (ovsdb_txn_history_run): without ballast hardly anything is resumed.
    const addresses = Array.from({ length: 20_000 }, (_, count) => `ballast ${count}`);
    await at.writer.transact(OvnNorthbound, [nb.insert("Address_Set", { name: "ballast", addresses })]);
    const replica = await at.follower.monitor(OvnNorthbound, all);
    const shadow = new Shadow();
    shadow.follow(replica);
    const random = randomFrom(seed);
    for (let round = 0; round < 200; round += 1) {
      const write = (client: OvsdbClient, who: string): Promise<void> =>
        attempt(client.transact(OvnNorthbound, randomTransaction(random, `${who}${round}`)));
      const writes = [write(at.follower, "c"), write(at.writer, "a"), write(at.writer, "b")];
      if (random() < 0.15) {
        // Somewhere between a request and its answer, which differs from run to run.
        await Promise.race(writes);
        at.proxy.cut();
      }
      await Promise.all(writes);
      if (random() < 0.1) {
        // Otherwise the rounds of one outage all fail at once, and cuts meet no connection.
        await vi.waitFor(() => expect(at.follower.remote).toBeDefined(), caughtUp);
      }
    }
    await at.writer.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "the end" })]);
    await vi.waitFor(
      () => expect(replica.table("Logical_Switch").find({ name: "the end" })).toHaveLength(1),
      caughtUp,
    );
    expect(held(replica)).toEqual(await dump(at.writer));
    expect(shadow.rows()).toEqual(held(replica));
    expect(shadow.faults).toEqual([]);
    expect(at.proxy.connections).toBeGreaterThan(10);
    expect(at.proxy.resumed > 10).toBe(clustered);
  });
});

describe("a replica whose connection was cut", () => {
  it.each([
    { clustered: true, resumed: true },
    { clustered: false, resumed: false },
  ])(
    "is resumed where it stopped by servers that keep a history: $clustered",
    async ({ clustered, resumed }) => {
      await using at = await world({ clustered });
      const pad = "x".repeat(1_000_000);
      await at.writer.transact(OvnNorthbound, [
        nb.insert("Logical_Switch", { name: "old", external_ids: { pad } }),
      ]);
      const replica = await at.follower.monitor(OvnNorthbound, all);
      const before = at.proxy.answeredBytes;
      at.proxy.cut();
      await at.writer.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "new" })]);
      await vi.waitFor(
        () => expect(replica.table("Logical_Switch").find({ name: "new" })).toHaveLength(1),
        caughtUp,
      );
      expect(replica.version).toBe(2);
      expect(at.proxy.answeredBytes - before < pad.length).toBe(resumed);
    },
  );

  it("keeps its rows while it is not live, and tells what it missed as one event", async () => {
    await using at = await world();
    const replica = await at.follower.monitor(OvnNorthbound, all);
    await at.writer.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "a" }),
      nb.insert("Logical_Switch", { name: "b" }),
    ]);
    await vi.waitFor(() => expect(replica.table("Logical_Switch").size).toBe(2), caughtUp);
    await at.server.down();
    await vi.waitFor(() => expect(replica.live).toBe(false), caughtUp);
    expect(replica.table("Logical_Switch").size).toBe(2);
    const events: string[][] = [];
    replica.changed.subscribe(({ changes }) => void events.push(changes.map(({ table }) => table)));
    await at.server.up();
    await vi.waitFor(() => expect(at.writer.remote).toBeDefined(), caughtUp);
    await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
    expect(events).toEqual([]);
    await at.writer.transact(OvnNorthbound, [nb.delete("Logical_Switch", [["name", "==", "a"]])]);
    await vi.waitFor(() => expect(events).toEqual([["Logical_Switch"]]), caughtUp);
  });

  it("comes back from a server that hangs", async () => {
    await using at = await world({ probeIntervalMs: 50 });
    const replica = await at.follower.monitor(OvnNorthbound, all);
    const reasons: string[] = [];
    at.follower.disconnected.subscribe(({ reason }) => void reasons.push(reason.message));
    at.server.signal("SIGSTOP");
    await vi.waitFor(() => expect(reasons[0]).toContain("silent for two probe intervals"), caughtUp);
    expect(replica.live).toBe(false);
    at.server.signal("SIGCONT");
    await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
  });

  it("is not disturbed by silence alone", async () => {
    await using at = await world({ probeIntervalMs: 20 });
    const replica = await at.follower.monitor(OvnNorthbound, all);
    const { promise, resolve } = Promise.withResolvers<void>();
    let probes = 0;
    at.proxy.rewrite = (text) => {
      probes += text.includes('"echo"') ? 1 : 0;
      if (probes === 5) {
        resolve();
      }
      return text;
    };
    await promise;
    expect(replica.live).toBe(true);
    expect(at.proxy.connections).toBe(1);
  });
});

describe("a request in flight when the connection dies", () => {
  it("fails as of unknown outcome: here it was carried out", async () => {
    await using at = await world();
    const replica = await at.writer.monitor(OvnNorthbound, all);
    at.proxy.hold = true;
    const lost = at.follower.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "ghost" })]);
    const failed = expect(lost).rejects.toMatchObject({
      name: "ConnectionLost",
      outcome: "unknown",
      retryable: true,
    });
    await vi.waitFor(
      () => expect(replica.table("Logical_Switch").find({ name: "ghost" })).toHaveLength(1),
      caughtUp,
    );
    at.proxy.hold = false;
    at.proxy.cut();
    await failed;
  });

  it("fails as not sent while there is no connection", async () => {
    await using at = await world();
    await at.server.down();
    await vi.waitFor(() => expect(at.follower.remote).toBeUndefined(), caughtUp);
    await expect(at.follower.listDbs()).rejects.toMatchObject({
      name: "ConnectionLost",
      outcome: "not sent",
    });
  });
});

describe("a monitor whose first load is cut off", () => {
  it("is loaded over the next connection", async () => {
    await using at = await world();
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    at.proxy.hold = true;
    at.proxy.rewrite = (text) => {
      resolve();
      return text;
    };
    const loading = at.follower.monitor(OvnNorthbound, all);
    await asked;
    at.proxy.hold = false;
    at.proxy.cut();
    await expect(loading).resolves.toMatchObject({ live: true });
  });

  it("ends with its client", async () => {
    await using at = await world();
    at.proxy.hold = true;
    const loading = at.follower.monitor(OvnNorthbound, all);
    const refused = expect(loading).rejects.toMatchObject({ code: "closed" });
    await at.follower.close();
    await refused;
  });
});

describe("a server that lacks a method", () => {
  it("is asked for the next older one", async () => {
    await using at = await world();
    const asked: string[] = [];
    at.proxy.rewrite = (text) => {
      asked.push(...(text.match(/"monitor\w*"/g) ?? []));
      return text.replace(/"monitor_cond(?:_since)?"/, '"monitor_of_tomorrow"');
    };
    const replica = await at.follower.monitor(OvnNorthbound, all);
    expect(asked).toEqual(['"monitor_cond_since"', '"monitor_cond"', '"monitor"']);
    await at.follower.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "a" })]);
    expect(replica.table("Logical_Switch").find({ name: "a" })).toHaveLength(1);
  });
});

describe("a watch of some rows and columns", () => {
  it.each(monitorMethods)("holds just these, with %s", async (method) => {
    await using at = await world({ methods: [method] });
    const replica = await at.follower.monitor(OvnNorthbound, {
      Logical_Switch: {
        columns: ["name"],
        where: [
          ["external_ids", "includes", { owner: "weft" }],
          ["name", "==", "also"],
        ],
      },
    });
    const names = () =>
      replica
        .table("Logical_Switch")
        .rows()
        .map(({ name }) => name)
        .sort();
    const own = { external_ids: { owner: "weft" } };
    await at.follower.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "mine", ...own }),
      nb.insert("Logical_Switch", { name: "also" }),
      nb.insert("Logical_Switch", { name: "other" }),
    ]);
    expect(names()).toEqual(["also", "mine"]);
    await at.follower.transact(OvnNorthbound, [
      nb.update("Logical_Switch", [["name", "==", "other"]], own),
      nb.update("Logical_Switch", [["name", "==", "mine"]], { external_ids: {} }),
    ]);
    expect(names()).toEqual(["also", "other"]);
  });
});

describe("a watch that a server cannot serve", () => {
  it("is told what is missing, and reads it as empty", async () => {
    await using server = await OvsdbServer.start({ schema: "ovn-northbound" });
    await using client = await OvsdbClient.connect({ remote: server.unix });
    const sw = OvnNorthbound.tables["Logical_Switch"];
    const copp = OvnNorthbound.tables["Copp"];
    if (sw === undefined || copp === undefined || sw.columns["name"] === undefined) {
      throw new Error("the schema has them");
    }
    const newer: DatabaseSchema = {
      name: OvnNorthbound.name,
      version: "tomorrow",
      tables: {
        Logical_Switch: { ...sw, columns: { ...sw.columns, tomorrow: sw.columns["name"] } },
        Tomorrow: copp,
      },
    };
    const replica = await client.monitor(newer, { Logical_Switch: {}, Tomorrow: {} });
    expect(replica.missing).toEqual(["Logical_Switch.tomorrow", "Tomorrow"]);
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "a" })]);
    expect(replica.table("Logical_Switch").rows()).toMatchObject([{ name: "a", tomorrow: "" }]);
    expect(replica.table("Tomorrow").size).toBe(0);
  });

  it("is refused for a database that is not there, and for a column of no schema", async () => {
    await using server = await OvsdbServer.start({ schema: "open-vswitch" });
    await using client = await OvsdbClient.connect({ remote: server.unix });
    await expect(client.monitor(OvnNorthbound, {})).rejects.toMatchObject({ code: "unknown database" });
    // @ts-expect-error: no such column
    await expect(client.monitor(OvnNorthbound, { ACL: { columns: ["x"] } })).rejects.toThrow(
      "ACL.x: no such column",
    );
  });
});
