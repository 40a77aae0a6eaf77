import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { OvnNorthbound, OvsdbClient, database } from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };

/** What a server of before Open vSwitch 2.6 or 2.9 does not know, by making it mishear. */
const deafTo: Readonly<Record<string, RegExp>> = {
  "the databases of _Server": /"_Server"/g,
  set_db_change_aware: /"set_db_change_aware"/g,
  "both, and everything but RFC 7047": /"(?:_Server|set_db_change_aware|monitor_cond\w*)"/g,
};

describe("a server that is too old to tell of its databases", () => {
  it.each(Object.entries(deafTo))(
    "is followed all the same, through lost connections: %s",
    async (_, words) => {
      await using server = await OvsdbServer.start({ schema: "ovn-northbound" });
      // A server that has just started ends sessions that are not aware of its databases: let it go round once.
      await using settled = await OvsdbClient.connect({ remote: server.unix, backoff });
      await settled.listDbs();
      await using proxy = await CuttingProxy.start(join(server.folder, "proxy.sock"), server.unix);
      proxy.rewrite = (text) => text.replace(words, '"unheard_of"');
      await using client = await OvsdbClient.connect({ remote: proxy.remote, leaderOnly: true, backoff });
      const replica = await client.monitor(OvnNorthbound, { Logical_Switch: { columns: ["name"] } });
      await client.transact(OvnNorthbound, [nb.insert("Logical_Switch", { name: "a" })]);
      const lock = await client.lock("mine");
      const { connections } = proxy;
      proxy.cut();
      await vi.waitFor(() => expect(proxy.connections).toBeGreaterThan(connections), caughtUp);
      await vi.waitFor(() => expect(replica.live).toBe(true), caughtUp);
      await lock.acquired();
      await client.transact(OvnNorthbound, [lock.assert(), nb.insert("Logical_Switch", { name: "b" })]);
      expect(replica.table("Logical_Switch").size).toBe(2);
      await client.setConditions(replica, { Logical_Switch: [["name", "==", "b"]] });
      expect(
        replica
          .table("Logical_Switch")
          .rows()
          .map(({ name }) => name),
      ).toEqual(["b"]);
    },
  );
});
