import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../src/index.ts";
import { OpenVswitch, OvnNorthbound, OvsdbClient, database } from "../src/index.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const run = promisify(execFile);
const nb = database(OvnNorthbound);
const vs = database(OpenVswitch);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };
const schemaFile = (name: string) => fileURLToPath(new URL(`../schemas/${name}.ovsschema`, import.meta.url));

async function world() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await OvsdbServer.start({ schema: "ovn-northbound" }));
  const client = stack.use(await OvsdbClient.connect({ remote: server.unix, backoff }));
  const lost: string[] = [];
  client.disconnected.subscribe(({ reason }) => void lost.push(reason.message));
  const file = join(server.folder, "second.db");
  await run("ovsdb-tool", ["create", file, schemaFile("open-vswitch")]);
  const tell = (...words: readonly string[]) =>
    run("ovs-appctl", ["-t", join(server.folder, "ctl"), ...words]);
  const owned = stack.move();
  return { client, lost, file, tell, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const served = (client: OvsdbClient) =>
  client.databases
    .table("Database")
    .rows()
    .map(({ name }) => name)
    .sort();

describe("a server whose databases come and go", () => {
  it("keeps its connections, and tells of them", async () => {
    await using at = await world();
    expect(served(at.client)).toEqual(["OVN_Northbound", "_Server"]);
    await at.tell("ovsdb-server/add-db", at.file);
    await vi.waitFor(() => expect(served(at.client)).toContain("Open_vSwitch"), caughtUp);
    const switches = await at.client.monitor(OpenVswitch, { Open_vSwitch: {} });
    await at.client.transact(OpenVswitch, [vs.insert("Open_vSwitch", { external_ids: { round: "1" } })]);
    await at.tell("ovsdb-server/remove-db", "Open_vSwitch");
    await vi.waitFor(() => expect(switches.live).toBe(false), caughtUp);
    expect(switches.table("Open_vSwitch").size).toBe(1);
    expect(at.lost).toEqual([]);
  });

  it("is followed again where a database comes back, and meanwhile for the others", async () => {
    await using at = await world();
    await at.tell("ovsdb-server/add-db", at.file);
    const switches = await at.client.monitor(OpenVswitch, { Open_vSwitch: {} });
    const networks = await at.client.monitor(OvnNorthbound, { Logical_Switch: { columns: ["name"] } });
    await at.tell("ovsdb-server/remove-db", "Open_vSwitch");
    await vi.waitFor(() => expect(switches.live).toBe(false), caughtUp);
    await at.client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "meanwhile" })]);
    expect(networks.table("Logical_Switch").size).toBe(1);
    await at.tell("ovsdb-server/add-db", at.file);
    await vi.waitFor(() => expect(switches.live).toBe(true), caughtUp);
    await at.client.transact(OpenVswitch, [vs.insert("Open_vSwitch", { external_ids: { round: "2" } })]);
    expect(switches.table("Open_vSwitch").rows()).toMatchObject([{ external_ids: { round: "2" } }]);
    expect(at.lost).toEqual([]);
  });

  it("is waited for over a new connection too", async () => {
    await using server = await OvsdbServer.start({ schema: "ovn-northbound" });
    await using client = await OvsdbClient.connect({ remote: server.unix, backoff });
    const file = join(server.folder, "second.db");
    await run("ovsdb-tool", ["create", file, schemaFile("open-vswitch")]);
    const tell = (...words: readonly string[]) =>
      run("ovs-appctl", ["-t", join(server.folder, "ctl"), ...words]);
    await tell("ovsdb-server/add-db", file);
    const switches = await client.monitor(OpenVswitch, { Open_vSwitch: {} });
    const networks = await client.monitor(OvnNorthbound, { Logical_Switch: {} });
    // Started anew it serves its first database only.
    await server.down();
    await vi.waitFor(() => expect(networks.live).toBe(false), caughtUp);
    await server.up();
    await vi.waitFor(() => expect(networks.live).toBe(true), caughtUp);
    expect(switches.live).toBe(false);
    await tell("ovsdb-server/add-db", file);
    await vi.waitFor(() => expect(switches.live).toBe(true), caughtUp);
  });
});

describe("a database that is converted while it is followed", () => {
  it("is loaded afresh under its new schema, over the same connection", async () => {
    await using at = await world();
    const replica = await at.client.monitor(OvnNorthbound, {
      Logical_Switch: { columns: ["name", "copp"] },
      Meter: {},
    });
    await at.client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "kept" })]);
    const schema = JSON.parse(await readFile(schemaFile("ovn-northbound"), "utf8")) as JsonObject & {
      tables: Record<string, { columns: Record<string, unknown> }>;
    };
    const whole = structuredClone(schema);
    delete schema.tables["Meter"];
    delete schema.tables["Logical_Switch"]?.columns["copp"];
    const reloaded = () => expect(replica.live && replica.missing.length > 0).toBe(true);
    await at.client.convert(OvnNorthbound, schema);
    await vi.waitFor(reloaded, caughtUp);
    expect(replica.missing).toEqual(["Logical_Switch.copp", "Meter"]);
    expect(replica.table("Logical_Switch").rows()).toMatchObject([{ name: "kept", copp: undefined }]);
    await at.client.convert(OvnNorthbound, whole);
    await vi.waitFor(() => expect(replica.live && replica.missing.length === 0).toBe(true), caughtUp);
    await at.client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "new" })]);
    expect(replica.table("Logical_Switch").size).toBe(2);
    expect(at.lost).toEqual([]);
  });
});
