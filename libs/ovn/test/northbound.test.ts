/** Steps on a real northbound database with ovn-northd behind it, and what the logical pipeline then does with packets. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OvnNorthbound, OvsdbClient } from "@weft/ovsdb";
import type { NetworkStep } from "@weft/decide";
import { desiredNetwork, diffNetwork, planTenants } from "@weft/decide";
import type { OvnCentral } from "@weft/testkit";
import { program, startOvnCentral } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../../decide/src/admit/world.test-kit.ts";
import { StitchWorld, now } from "../../decide/src/stitch/world.test-kit.ts";
import { claim, countUp, epochOf, fence, northboundWatch, readNetwork, toOperations } from "../src/index.ts";

const run = promisify(execFile);
const documents = (replicas: number) => [
  network("inside", ["10.1.0.0/16", "fd00:1::/64"]),
  network("outside", ["10.2.0.0/16", "fd00:2::/64"]),
  workload("client", [{ network: "inside", address: "10.1.0.6" }]),
  workload("server", [{ network: "outside", address: "10.2.0.9" }]),
  group("fw", { replicas }),
  chain("edge", "inside", "outside", ["fw"], ["tcp"]),
];
const four = ["fw-0", "fw-1", "fw-2", "fw-3"];

describe("the network on a real northd", () => {
  let central: OvnCentral;
  let client: OvsdbClient;
  const open = new AsyncDisposableStack();

  beforeAll(async () => {
    central = open.use(await startOvnCentral());
    client = open.use(await OvsdbClient.connect({ remote: central.northbound.unix }));
  });
  afterAll(() => open.disposeAsync());

  async function replica() {
    const rows = await client.monitor(OvnNorthbound, northboundWatch);
    return {
      actual: () => readNetwork(rows.snapshot()),
      global: () => {
        const [row] = rows.table("NB_Global").rows();
        if (row === undefined) throw new Error("no NB_Global");
        return row;
      },
    };
  }

  /** Makes the database say what the world asks for, in one transaction. */
  async function stitch(world: StitchWorld): Promise<NetworkStep[]> {
    const { actual } = await replica();
    const steps = diffNetwork(desiredNetwork(planTenants(world.seen, now)), actual());
    await client.transact(OvnNorthbound, [...toOperations(steps), countUp()]);
    await central.nbctl("--wait=sb", "sync");
    return steps;
  }

  /** Where a TCP packet from the client leaves the logical network; none when it is dropped. */
  async function outputs(from: { port: string; mac: string; src: string; dst: string; router: string }) {
    const family = from.src.includes(":") ? 6 : 4;
    const flow = [
      `inport == "${from.port}"`,
      `eth.src == ${from.mac}`,
      `eth.dst == ${from.router}`,
      `ip${family}.src == ${from.src}`,
      `ip${family}.dst == ${from.dst}`,
      "ip.ttl == 64",
      "tcp",
      "tcp.src == 40000",
      "tcp.dst == 80",
    ].join(" && ");
    const args = [`--db=${central.southbound.unix}`, "--minimal", flow];
    const { stdout } = await run(program("ovn-trace"), args);
    return [...stdout.matchAll(/output\("([^"]+)"\)/g)].map(([, port]) => port);
  }

  const toServer = (address = "10.1.0.6") => ({
    port: "weft.demo.workload.client.net0",
    mac: "0a:58:0a:01:00:06",
    src: address,
    dst: "10.2.0.9",
    router: "0a:58:0a:01:00:01",
  });
  const toClient = {
    port: "weft.demo.workload.server.net0",
    mac: "0a:58:0a:02:00:09",
    src: "10.2.0.9",
    dst: "10.1.0.6",
    router: "0a:58:0a:02:00:01",
  };

  it("carries both directions of a client through the same shard, and nothing else", async () => {
    const world = new StitchWorld(...documents(4)).shards(...four);
    const steps = await stitch(world);
    expect(steps.length).toBeGreaterThan(50);
    expect(await outputs(toServer())).toEqual(["weft.demo.shard.fw-2.in0"]);
    expect(await outputs(toClient)).toEqual(["weft.demo.shard.fw-2.out0"]);
    expect(await outputs({ ...toServer(), dst: "100.64.0.2" })).toEqual([]);
    // On from the shard: what comes out of it goes to the server, not round again.
    const out = { port: "weft.demo.shard.fw-2.out0", mac: "0a:58:64:40:01:04", router: "0a:58:64:40:01:01" };
    expect(await outputs({ ...out, src: "10.1.0.6", dst: "10.2.0.9" })).toEqual([
      "weft.demo.workload.server.net0",
    ]);
  });

  it("asks for nothing more once it is there", async () => {
    const world = new StitchWorld(...documents(4)).shards(...four);
    expect(await stitch(world)).toEqual([]);
  });

  it("moves slots by changes and leaves rows of others alone", async () => {
    await central.nbctl("ls-add", "theirs", "--", "lsp-add", "theirs", "their-port");
    await central.nbctl("lr-policy-add", "weft.demo.router", "50", "ip4.src == 9.9.9.9", "drop");
    const before = await central.nbctl("list", "Logical_Switch_Port", "their-port");
    const steps = await stitch(new StitchWorld(...documents(4)).shards("fw-0", "fw-1", "fw-3"));
    expect(steps.every(({ kind }) => kind.endsWith("Policy"))).toBe(true);
    const [now] = await outputs(toServer());
    expect(now).toMatch(/fw-[013]\.in0$/);
    await stitch(new StitchWorld());
    expect((await replica()).actual()).toMatchObject({ switches: [], routers: [], policies: [] });
    expect(await central.nbctl("list", "Logical_Switch_Port", "their-port")).toBe(before);
    expect((await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch")).trim()).toBe("theirs");
  });

  it("drops a chain's traffic while no shard is ready, and everything else between networks always", async () => {
    await stitch(new StitchWorld(...documents(1)));
    expect(await outputs(toServer())).toEqual([]);
    await stitch(new StitchWorld(...documents(1).slice(0, 4)));
    expect(await outputs(toServer())).toEqual([]);
    expect(await outputs(toClient)).toEqual([]);
  });

  it("answers pings to the router in spite of the isolation", async () => {
    await stitch(new StitchWorld(...documents(1)));
    const flow =
      'inport == "weft.demo.workload.client.net0" && eth.src == 0a:58:0a:01:00:06 && eth.dst == 0a:58:0a:01:00:01 && ip4.src == 10.1.0.6 && ip4.dst == 10.1.0.1 && ip.ttl == 64 && icmp4.type == 8';
    const { stdout } = await run(program("ovn-trace"), [
      `--db=${central.southbound.unix}`,
      "--minimal",
      flow,
    ]);
    expect(stdout).toContain('output("weft.demo.workload.client.net0")');
  });

  it("refuses whoever led before", async () => {
    const { global } = await replica();
    await client.transact(OvnNorthbound, claim(global(), 7));
    const stale = global();
    await client.transact(OvnNorthbound, claim(stale, 8));
    expect(epochOf(global())).toBe(8);
    await expect(client.transact(OvnNorthbound, claim(stale, 9))).rejects.toThrow("timed out");
    await expect(client.transact(OvnNorthbound, [fence(7), countUp()])).rejects.toThrow("timed out");
    const { nb_cfg: before } = global();
    await client.transact(OvnNorthbound, [fence(8), countUp()]);
    expect(global().nb_cfg).toBe(before + 1);
  });

  it("has 64 shards' policies in one transaction, at most 256 masks for each way and family", async () => {
    const names = Array.from({ length: 64 }, (_, index) => `fw-${index}`);
    await stitch(new StitchWorld(...documents(64)).shards(...names));
    const { policies } = (await replica()).actual();
    const ways = Map.groupBy(
      policies.filter(({ action }) => action === "reroute"),
      ({ key }) => key.split("/").slice(3, 6).join("/"),
    );
    expect(ways.size).toBe(4);
    for (const masks of ways.values()) expect(masks.length).toBeLessThanOrEqual(256);
  });
});
