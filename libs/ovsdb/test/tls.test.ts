import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { TlsOptions } from "../src/index.ts";
import { OvnNorthbound, OvsdbClient, TlsError, database } from "../src/index.ts";
import type { Identity } from "./support/authority.ts";
import { Authority } from "./support/authority.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };
let folder: string;
let ours: Authority;
let client: Identity;
let stranger: Identity;
let server: OvsdbServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ovsdb-pki-"));
  ours = await Authority.make(folder, "ours");
  client = await ours.issue("client");
  stranger = await (await Authority.make(folder, "theirs")).issue("stranger");
  server = await OvsdbServer.start({
    schema: "ovn-northbound",
    tls: await ours.issue("server", "northbound.example"),
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const connect = (tls: TlsOptions, remote = server.ssl): Promise<OvsdbClient> =>
  OvsdbClient.connect({ remote, tls, backoff, connectTimeoutMs: 500 });

describe("a server behind TLS", () => {
  it("is written to and followed, through its restarts", async () => {
    await using over = await connect(client);
    expect(over.remote).toBe(server.ssl);
    const replica = await over.monitor(OvnNorthbound, { Logical_Switch: { columns: ["name"] } });
    await over.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "sealed" })]);
    expect(replica.table("Logical_Switch").find({ name: "sealed" })).toHaveLength(1);
    await server.down();
    await server.up();
    await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
  });

  it("takes PEM text as well as files", async () => {
    const text = (pem: { readonly file: string }) => readFile(pem.file, "utf8");
    const tls = { ca: await text(client.ca), cert: await text(client.cert), key: await text(client.key) };
    await using over = await connect(tls);
    await expect(over.listDbs()).resolves.toContain("OVN_Northbound");
  });

  it("sees a renewed certificate with the next connection", async () => {
    const cert = { file: join(folder, "renewed.pem") };
    const key = { file: join(folder, "renewed.key") };
    const put = (from: Identity) =>
      Promise.all([copyFile(from.cert.file, cert.file), copyFile(from.key.file, key.file)]);
    await put(client);
    await using over = await connect({ ca: client.ca, cert, key });
    await server.down();
    await put(stranger);
    await server.up();
    await expect(connect({ ca: client.ca, cert, key })).rejects.toBeInstanceOf(TlsError);
    expect(over.remote).toBeUndefined();
    await put(client);
    await vi.waitFor(() => expect(over.remote).toBe(server.ssl), caughtUp);
  });

  it("is any that the authority signed, or the one that is named", async () => {
    await using named = await connect({ ...client, serverName: "northbound.example" });
    expect(named.remote).toBe(server.ssl);
    await expect(connect({ ...client, serverName: "southbound.example" })).rejects.toThrow(
      "its certificate is for another name",
    );
  });
});

describe("TLS that does not fit", () => {
  it.each<[string, (good: Identity) => TlsOptions, string]>([
    ["another authority", (good) => ({ ...good, ca: stranger.ca }), "is not signed by `ca`"],
    ["no certificate of ours", ({ ca }) => ({ ca }), "refused this client's certificate"],
    [
      "a certificate of another authority",
      ({ ca }) => ({ ca, cert: stranger.cert, key: stranger.key }),
      "refused this client's certificate",
    ],
    ["another's key", (good) => ({ ...good, key: stranger.key }), "cannot be used together"],
    ["a file that is not there", (good) => ({ ...good, key: { file: "/none.key" } }), "key cannot be read"],
    ["text that is no PEM", (good) => ({ ...good, cert: "none" }), "cannot be used together"],
  ])("is told: %s", async (_, spoil, complaint) => {
    const refused = connect(spoil(client));
    await expect(refused).rejects.toMatchObject({ name: "TlsError", code: "tls", retryable: false });
    await expect(refused).rejects.toThrow(complaint);
  });

  it("is told: a server that speaks none", async () => {
    await using plain = await OvsdbServer.start({ schema: "open-vswitch" });
    await expect(connect(client, plain.tcp.replace("tcp", "ssl"))).rejects.toThrow(
      "does it speak TLS there?",
    );
  });
});
