import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { MonitorMethod } from "../src/index.ts";
import { OvnNorthbound, OvsdbClient, database, monitorMethods } from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";
import { randomFrom } from "./support/random-writer.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };

async function world(options: { methods?: readonly MonitorMethod[]; clustered?: boolean } = {}) {
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
    }),
  );
  await writer.transact(OvnNorthbound, [
    nb.insert("Logical_Switch", { name: "a", external_ids: { team: "red" } }),
    nb.insert("Logical_Switch", { name: "b", external_ids: { team: "blue" } }),
    nb.insert("Logical_Switch", { name: "c", external_ids: { team: "blue" } }),
  ]);
  const replica = await follower.monitor(OvnNorthbound, {
    Logical_Switch: {
      columns: ["name", "external_ids"],
      where: [["external_ids", "includes", { team: "red" }]],
    },
  });
  const names = () =>
    replica
      .table("Logical_Switch")
      .rows()
      .map(({ name }) => name)
      .sort()
      .join("");
  const owned = stack.move();
  return { proxy, writer, follower, replica, names, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const blue = [["external_ids", "includes", { team: "blue" }]] as const;

describe.each(monitorMethods)("conditions changed while rows are followed by %s", (method) => {
  it("hold when the promise resolves: rows that leave are gone, and one event tells it", async () => {
    await using at = await world({ methods: [method] });
    const told: string[] = [];
    at.replica.changed.subscribe(({ changes }) => {
      told.push(
        changes
          .map(({ before, after }) => `${before?.name ?? "+"}${after?.name ?? "-"}`)
          .sort()
          .join(" "),
      );
    });
    expect(at.names()).toBe("a");
    await at.follower.setConditions(at.replica, { Logical_Switch: blue });
    expect(at.names()).toBe("bc");
    expect(told).toEqual(["+b +c a-"]);
    await at.follower.setConditions(at.replica, { Logical_Switch: [] });
    expect(at.names()).toBe("abc");
    await at.follower.setConditions(at.replica, { Logical_Switch: [false] });
    expect(at.names()).toBe("");
    expect(at.replica.live).toBe(true);
  });

  it("are the ones that later writes are judged by", async () => {
    await using at = await world({ methods: [method] });
    await at.follower.setConditions(at.replica, { Logical_Switch: blue });
    await at.follower.transact(OvnNorthbound, [
      nb.update("Logical_Switch", [["name", "==", "b"]], { external_ids: { team: "red" } }),
      nb.insert("Logical_Switch", { name: "d", external_ids: { team: "blue" } }),
    ]);
    expect(at.names()).toBe("cd");
  });

  it("are those of the last call when many are made at once", async () => {
    await using at = await world({ methods: [method] });
    const calls = [blue, [], [false], [["name", "==", "c"]] as const].map((where) =>
      at.follower.setConditions(at.replica, { Logical_Switch: where }),
    );
    await Promise.all(calls);
    expect(at.names()).toBe("c");
  });
});

describe("conditions on a server that cannot change them", () => {
  it("are those that everything is asked for again by", async () => {
    await using at = await world();
    at.proxy.rewrite = (text) => text.replace('"monitor_cond_change"', '"change_of_tomorrow"');
    await at.follower.setConditions(at.replica, { Logical_Switch: blue });
    expect(at.names()).toBe("bc");
    await at.follower.transact(OvnNorthbound, [
      nb.update("Logical_Switch", [["name", "==", "b"]], { external_ids: {} }),
    ]);
    expect(at.names()).toBe("c");
    expect(at.proxy.connections).toBe(1);
  });
});

describe("conditions changed around a lost connection", () => {
  it("hold after it, whether the server took them or not", async () => {
    await using at = await world({ clustered: true });
    for (let round = 0; round < 10; round += 1) {
      at.proxy.hold = round % 2 === 0;
      const where = round % 3 === 0 ? blue : ([["external_ids", "includes", { team: "red" }]] as const);
      const changed = at.follower.setConditions(at.replica, { Logical_Switch: where });
      at.proxy.hold = false;
      at.proxy.cut();
      await changed;
      expect(at.names(), `round ${round}`).toBe(round % 3 === 0 ? "bc" : "a");
    }
  });

  it("and changed back before the answer came, are not resumed with the rows of the others", async () => {
    await using at = await world({ clustered: true });
    // The rows come and go, the answer behind them is lost.
    at.proxy.rewriteAnswer = (text) => text.replace(/\{[^{}]*"result":\{\}[^{}]*\}/, "");
    const there = at.follower.setConditions(at.replica, { Logical_Switch: blue });
    await vi.waitFor(() => expect(at.names()).toBe("bc"), caughtUp);
    at.proxy.rewriteAnswer = undefined;
    const { promise: back, resolve } = Promise.withResolvers<void>();
    const once = at.follower.disconnected.subscribe(() => {
      once();
      resolve(
        at.follower.setConditions(at.replica, {
          Logical_Switch: [["external_ids", "includes", { team: "red" }]],
        }),
      );
    });
    at.proxy.cut();
    await Promise.all([there, back]);
    expect(at.names()).toBe("a");
  });

  it("equal what the server selects, under random writes and cuts", async () => {
    await using at = await world({ clustered: true });
    const random = randomFrom(7);
    const teams = ["red", "blue", "green"];
    const team = (): string => teams[Math.floor(random() * teams.length)] ?? "red";
    for (let round = 0; round < 60; round += 1) {
      const wanted = team();
      const write = at.writer.transact(OvnNorthbound, [
        nb.update("Logical_Switch", [["name", "==", "abc"[round % 3] ?? "a"]], {
          external_ids: { team: team() },
        }),
      ]);
      const changed = at.follower.setConditions(at.replica, {
        Logical_Switch: [["external_ids", "includes", { team: wanted }]],
      });
      if (random() < 0.3) {
        at.proxy.cut();
      }
      await Promise.all([write, changed]);
      const [answer] = await at.writer.transact(OvnNorthbound, [
        nb.select("Logical_Switch", [["external_ids", "includes", { team: wanted }]]),
      ]);
      const expected = nb
        .rows("Logical_Switch", answer)
        .map(({ name }) => name)
        .sort()
        .join("");
      await vi.waitFor(() => expect(at.names(), `round ${round}`).toBe(expected), caughtUp);
    }
  });
});

describe("conditions that cannot be", () => {
  it("are refused, and change nothing", async () => {
    await using at = await world();
    const set = (where: object) => at.follower.setConditions(at.replica, where);
    await expect(set({ ACL: [] })).rejects.toThrow("ACL is not watched");
    await expect(set({ Logical_Switch: [["ports", "==", []]] })).rejects.toThrow("not held by this replica");
    await expect(set({ Logical_Switch: [["name", "==", 7]] })).rejects.toMatchObject({ code: "notation" });
    await at.writer.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "e", external_ids: { team: "red" } }),
    ]);
    await vi.waitFor(() => expect(at.names()).toBe("ae"), caughtUp);
  });

  it("are those of a replica that is followed no longer", async () => {
    await using at = await world();
    at.proxy.hold = true;
    const waiting = at.follower.setConditions(at.replica, { Logical_Switch: blue });
    const refused = expect(waiting).rejects.toThrow("followed no longer");
    at.follower.cancel(at.replica);
    await refused;
    await expect(at.follower.setConditions(at.replica, {})).rejects.toThrow("followed no longer");
  });
});
