import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  OvnNorthbound,
  OvsdbClient,
  abort,
  assert,
  comment,
  commit,
  database,
  isUuid,
} from "../src/index.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const nb = database(OvnNorthbound);
let server: OvsdbServer;
let client: OvsdbClient;

beforeAll(async () => {
  server = await OvsdbServer.start({ schema: "ovn-northbound" });
  client = await OvsdbClient.connect({ remote: server.unix });
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

const refused = (operations: Parameters<OvsdbClient["transact"]>[1]) =>
  expect(client.transact(OvnNorthbound, operations)).rejects;

describe("a server over unix and over tcp", () => {
  it.each(["unix", "tcp"] as const)("tells its databases and their schema: %s", async (kind) => {
    await using over = await OvsdbClient.connect({ remote: server[kind] });
    expect(await over.listDbs()).toContain("OVN_Northbound");
    expect(await over.getSchema(OvnNorthbound)).toEqual(OvnNorthbound);
    expect(over.remote).toBe(server[kind]);
  });

  it("is found behind remotes that do not answer", async () => {
    await using over = await OvsdbClient.connect({ remote: `unix:${server.folder}/none,${server.tcp}` });
    expect(over.remote).toBe(server.tcp);
  });

  it("that is not there is an error within the deadline", async () => {
    const options = { remote: `unix:${server.folder}/none`, connectTimeoutMs: 200 };
    await expect(OvsdbClient.connect(options)).rejects.toThrow("ENOENT");
  });
});

describe("a server's process", () => {
  it("has an id of its own, until it is started anew", async () => {
    await using other = await OvsdbServer.start({ schema: "open-vswitch" });
    await using over = await OvsdbClient.connect({
      remote: other.unix,
      backoff: { minDelayMs: 1, maxDelayMs: 9 },
    });
    const first = await over.getServerId();
    expect(await over.getServerId()).toBe(first);
    await other.down();
    await vi.waitFor(() => expect(over.remote).toBeUndefined());
    await other.up();
    await vi.waitFor(() => expect(over.remote).toBeDefined());
    expect(await over.getServerId()).not.toBe(first);
  });
});

describe("a client with limits", () => {
  it("survives an answer that is too long, and does not send what is", async () => {
    const pad = "x".repeat(50_000);
    await client.transact(OvnNorthbound, [nb.insert("DNS", { external_ids: { pad } })]);
    await using over = await OvsdbClient.connect({
      remote: server.unix,
      maxMessageBytes: 40_000,
      backoff: { minDelayMs: 1, maxDelayMs: 9 },
    });
    const lost: string[] = [];
    over.disconnected.subscribe(({ reason }) => void lost.push(reason.message));
    const tooLong = over.transact(OvnNorthbound, [nb.insert("DNS", { external_ids: { pad } })]);
    await expect(tooLong).rejects.toMatchObject({ code: "limit", retryable: false });
    expect(lost).toEqual([]);
    const answer = over.transact(OvnNorthbound, [nb.select("DNS", [])]);
    await expect(answer).rejects.toMatchObject({ code: "connection lost" });
    expect(lost).toEqual(["the server sent a message of more than 40000 bytes"]);
    await vi.waitFor(() => expect(over.remote).toBeDefined());
    await over.transact(OvnNorthbound, [nb.delete("DNS", [])]);
  });
});

describe("a transaction", () => {
  it("inserts rows under UUIDs of the client's choice, once", async () => {
    const uuid = randomUUID();
    if (!isUuid(uuid)) {
      throw new Error("node writes UUIDs in lower case");
    }
    const insert = nb.insert("Logical_Switch", { name: "chosen" }, { uuid });
    const [answer] = await client.transact(OvnNorthbound, [insert]);
    expect(answer?.uuid).toBe(uuid);
    await refused([insert]).toMatchObject({ operation: 0, code: "duplicate uuid" });
  });

  it("may carry a comment, and asks for the disk", async () => {
    const results = await client.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "told" }),
      comment("told by a test"),
      commit(true),
    ]);
    expect(results).toHaveLength(3);
    expect(await readFile(`${server.folder}/db`, "utf8")).toContain('"_comment":"told by a test"');
  });

  it("does what it does to no row that the conditions leave out", async () => {
    const rows = ["lo", "mid", "hi"].map((name, at) =>
      nb.insert("QoS", { direction: "to-lport", match: name, priority: at * 10 }, name),
    );
    const refs = ["lo", "mid", "hi"].map((named) => ({ named }));
    await client.transact(OvnNorthbound, [...rows, nb.insert("Logical_Switch", { qos_rules: refs })]);
    const [moved, named] = await client.transact(OvnNorthbound, [
      nb.mutate("QoS", [["priority", ">=", 10]], [["priority", "+=", 5]]),
      nb.update("QoS", [["match", "!=", "hi"]], { external_ids: { low: "yes" } }),
    ]);
    expect([moved?.count, named?.count]).toEqual([2, 2]);
    const [answer] = await client.transact(OvnNorthbound, [
      nb.select("QoS", [], ["match", "priority", "_uuid"]),
    ]);
    const priorities = nb.rows("QoS", answer).map(({ match, priority }) => [match, priority] as const);
    expect(Object.fromEntries(priorities)).toEqual({ hi: 25, lo: 0, mid: 15 });
  });

  it("that asserts a lock of nobody is refused", async () => {
    await refused([assert("nobody"), nb.insert("Logical_Switch", { name: "x" })]).toMatchObject({
      operation: 0,
      code: "not owner",
    });
  });

  it("joins rows by name and answers their UUIDs", async () => {
    const [port, sw] = await client.transact(OvnNorthbound, [
      nb.insert("Logical_Switch_Port", { name: "p1", addresses: ["dynamic"] }, "p"),
      nb.insert("Logical_Switch", { name: "sw1", ports: [{ named: "p" }] }),
      commit(true),
    ]);
    const [answer] = await client.transact(OvnNorthbound, [
      nb.select("Logical_Switch", [["name", "==", "sw1"]]),
    ]);
    const [row] = nb.rows("Logical_Switch", answer);
    expect(row).toMatchObject({ _uuid: sw?.uuid, ports: [port?.uuid] });
  });

  it("counts what it updates, mutates and deletes", async () => {
    const where = [["name", "==", "counted"]] as const;
    const results = await client.transact(OvnNorthbound, [
      nb.insert("Logical_Switch", { name: "counted", other_config: { a: "1", b: "2" } }),
      nb.update("Logical_Switch", where, { external_ids: { k: "v" } }),
      nb.mutate("Logical_Switch", where, [["other_config", "delete", ["a"]]]),
      nb.select("Logical_Switch", where),
      nb.delete("Logical_Switch", where),
    ]);
    expect(results.map(({ count }) => count)).toEqual([undefined, 1, 1, undefined, 1]);
    expect(nb.rows("Logical_Switch", results[3])[0]).toMatchObject({
      external_ids: { k: "v" },
      other_config: { b: "2" },
    });
  });

  it("is held back by a wait that does not hold, and nothing of it happens", async () => {
    const epoch = (text: string) =>
      nb.wait("NB_Global", [], { until: "==", rows: [{ external_ids: { epoch: text } }] });
    await client.transact(OvnNorthbound, [nb.insert("NB_Global", { external_ids: { epoch: "7" } })]);
    await refused([epoch("6"), nb.insert("Logical_Switch", { name: "late" })]).toMatchObject({
      name: "OvsdbError",
      code: "timed out",
      operation: 0,
    });
    await client.transact(OvnNorthbound, [epoch("7"), nb.insert("Logical_Switch", { name: "in-time" })]);
    const [late] = await client.transact(OvnNorthbound, [
      nb.select("Logical_Switch", [["name", "==", "late"]]),
    ]);
    expect(late?.rows).toEqual([]);
  });

  it("waits for what another session brings", async () => {
    const where = [["name", "==", "awaited"]] as const;
    const waiting = client.transact(OvnNorthbound, [
      nb.wait("Logical_Router", where, { until: "==", rows: [{ name: "awaited" }], timeoutMs: 10_000 }),
    ]);
    await using other = await OvsdbClient.connect({ remote: server.tcp });
    await other.transact(OvnNorthbound, [nb.insert("Logical_Router", { name: "awaited" })]);
    await expect(waiting).resolves.toEqual([{}]);
  });

  it("says which operation was refused, and why", async () => {
    const good = nb.insert("Logical_Switch", { name: "x" });
    await refused([good, { ...good, row: { nam: "y" } }]).toMatchObject({
      operation: 1,
      code: "unknown column",
      details: "No column nam in table Logical_Switch.",
    });
    await refused([good, { op: "delete", table: "None", where: [] }]).toMatchObject({
      operation: 1,
      code: "syntax error",
    });
    await refused([good, abort()]).toMatchObject({ operation: 1, code: "aborted" });
    await refused([
      nb.insert("Logical_Switch", { name: "a" }, "twice"),
      nb.insert("Logical_Switch", { name: "b" }, "twice"),
    ]).toMatchObject({ operation: 1, code: "duplicate uuid-name" });
  });

  it("says that the commit was refused, by no operation", async () => {
    const port = (uuidName: string) =>
      nb.insert("Logical_Router_Port", { name: "same", mac: "00:00:00:00:00:01" }, uuidName);
    await refused([
      port("one"),
      port("two"),
      nb.insert("Logical_Router", { ports: [{ named: "one" }, { named: "two" }] }),
    ]).toMatchObject({ operation: undefined, code: "constraint violation" });
  });

  it("for a database that is not there is refused", async () => {
    await expect(client.transact("Nowhere", [])).rejects.toMatchObject({ code: "unknown database" });
    await expect(client.getSchema("Nowhere")).rejects.toMatchObject({ code: "unknown database" });
  });

  it("carries a row of several megabytes there and back", async () => {
    const text = 'ü€😀"\\\n'.repeat(300_000);
    const replica = await client.monitor(OvnNorthbound, {
      Logical_Router: { columns: ["name", "external_ids"], indexes: ["name"] },
    });
    await client.transact(OvnNorthbound, [
      nb.insert("Logical_Router", { name: "big", external_ids: { text } }),
    ]);
    expect(replica.table("Logical_Router").find({ name: "big" })[0]?.external_ids["text"]).toBe(text);
    client.cancel(replica);
  });
});

describe("a closed client", () => {
  it("refuses everything, and closes twice", async () => {
    const over = await OvsdbClient.connect({ remote: server.unix });
    await over.close();
    await over.close();
    await expect(over.listDbs()).rejects.toMatchObject({ code: "closed" });
    await expect(over.monitor(OvnNorthbound, {})).rejects.toMatchObject({ code: "closed" });
  });
});
