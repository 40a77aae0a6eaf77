import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  ConnectionLost,
  OvnNorthbound,
  OvsdbClient,
  OvsdbError,
  UnfitServer,
  database,
} from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { OvsdbCluster } from "./support/ovsdb-cluster.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 5, maxDelayMs: 50 };
const caughtUp = { timeout: 20_000, interval: 10 };
const place = { table: "NB_Global", where: [], column: "external_ids", key: "slot" } as const;

const led = (client: OvsdbClient) => client.databases.table("Database").find({ name: "OVN_Northbound" })[0];

describe("a client of a cluster", () => {
  it("that wants the leader finds it from any member, and is told where it is", async () => {
    await using cluster = await OvsdbCluster.start();
    const leader = await cluster.leader();
    for (const first of [0, 1, 2]) {
      await using client = await OvsdbClient.connect({
        remote: cluster.remotes(first),
        leaderOnly: true,
        backoff,
      });
      expect(client.remote).toBe(cluster.remote(leader));
      expect(led(client)).toMatchObject({ leader: true, connected: true, model: "clustered" });
    }
    const follower = (leader + 1) % 3;
    await using any = await OvsdbClient.connect({ remote: cluster.remote(follower), backoff });
    expect(led(any)).toMatchObject({ leader: false, connected: true });
    expect(led(any)?.sid).toBeDefined();
    const refused = OvsdbClient.connect({
      remote: cluster.remote(follower),
      leaderOnly: true,
      connectTimeoutMs: 300,
      backoff,
    });
    await expect(refused).rejects.toBeInstanceOf(UnfitServer);
  });

  it("goes to the next leader when its own dies, and resumes its replicas there", async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await OvsdbCluster.start());
    const proxies: CuttingProxy[] = [];
    for (let member = 0; member < cluster.size; member += 1) {
      const path = join(cluster.folder, `proxy${member}.sock`);
      proxies.push(stack.use(await CuttingProxy.start(path, cluster.remote(member))));
    }
    const remote = proxies.map((proxy) => proxy.remote).join(",");
    const client = stack.use(await OvsdbClient.connect({ remote, leaderOnly: true, backoff }));
    // Servers keep no more history than they have data: without ballast hardly anything is resumed.
    const addresses = Array.from({ length: 5_000 }, (_, count) => `ballast ${count}`);
    await client.transact(OvnNorthbound, [nb.insert("Address_Set", { name: "ballast", addresses })]);
    const replica = await client.monitor(OvnNorthbound, { Logical_Switch: {}, Address_Set: {} });
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "before" })]);
    const first = await cluster.leader();
    await cluster.kill(first);
    const second = await cluster.leader();
    expect(second).not.toBe(first);
    await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
    expect(client.remote).toBe(proxies[second]?.remote);
    expect(proxies[second]?.resumed).toBe(1);
    await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "after" })]);
    expect(replica.table("Logical_Switch").size).toBe(2);
    await client.setConditions(replica, { Logical_Switch: [["name", "==", "after"]] });
    proxies[second]?.cut();
    await vi.waitFor(() => expect(proxies[second]?.resumed).toBe(2), caughtUp);
    expect(replica.table("Logical_Switch").size).toBe(1);
  });

  it("leaves a server that is cut off from its cluster, whether it wanted a leader or not", async () => {
    await using cluster = await OvsdbCluster.start();
    const leader = await cluster.leader();
    const [one = 0, other = 0] = [0, 1, 2].filter((member) => member !== leader);
    await using client = await OvsdbClient.connect({ remote: cluster.remote(one), backoff });
    const replica = await client.monitor(OvnNorthbound, { Logical_Switch: {} });
    const reason = new Promise<Error>((resolve) => {
      client.disconnected.subscribe(({ reason }) => resolve(reason));
    });
    await cluster.kill(leader);
    await cluster.kill(other);
    await expect(reason).resolves.toMatchObject({ name: "UnfitServer", code: "unfit server" });
    expect(replica.live).toBe(false);
    await cluster.up(leader);
    await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
  });

  it("loses no commit and makes none twice while leaders die", async () => {
    await using cluster = await OvsdbCluster.start();
    await using client = await OvsdbClient.connect({ remote: cluster.remotes(), leaderOnly: true, backoff });
    await client.transact(OvnNorthbound, [nb.insert("NB_Global", {})]);
    const slot = client.commitSlot(OvnNorthbound, place);
    const told = new Map<string, boolean>();
    const write = async (name: string): Promise<void> => {
      try {
        await slot.commit([nb.insert("Logical_Switch", { name })]);
        told.set(name, true);
      } catch (error) {
        const known =
          error instanceof OvsdbError || (error instanceof ConnectionLost && error.outcome !== "unknown");
        expect(known, String(error)).toBe(true);
        told.set(name, false);
      }
    };
    for (let round = 0; round < 3; round += 1) {
      const leader = await cluster.leader();
      await vi.waitFor(() => expect(client.remote).toBe(cluster.remote(leader)), caughtUp);
      const writes = Array.from({ length: 20 }, (_, count) => write(`r${round}.${count}`));
      await writes[5];
      await cluster.kill(leader);
      await Promise.all(writes);
      await cluster.up(leader);
    }
    await using reader = await OvsdbClient.connect({ remote: cluster.remotes(), leaderOnly: true, backoff });
    const [answer] = await reader.transact(OvnNorthbound, [nb.select("Logical_Switch", [])]);
    const found = nb.rows("Logical_Switch", answer).map(({ name }) => name);
    const expected = [...told].flatMap(([name, is]) => (is ? [name] : []));
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(15);
  });
});
