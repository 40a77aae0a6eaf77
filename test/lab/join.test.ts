/**
 * A second host joins by a token, carries shards that traffic passes, and leaves: its Open vSwitch, its files and its network
 * are its own. What is refused changes nothing there and nothing here.
 */
import { labStatus } from "@weft/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyText, eventually, run, weft, weftDone, yamlOf } from "./command-line.ts";
import {
  answered,
  chassis,
  clients,
  documents,
  name,
  newToken,
  nodes,
  passed,
  placeOneThere,
  ready,
  shards,
} from "./join-world.ts";
import { SecondHost } from "./second-host.ts";

const server = "http://198.18.0.1:8080";
const joining = ["agent", "join", "--server", server, "--uplink", "uplink"];
let host: SecondHost;
/** As the host was before anything joined. */
let untouched: string;
beforeAll(async () => {
  await weftDone("up", "--nodes", "1", "--json");
  host = await SecondHost.start("198.18.0.50");
  untouched = await traces();
});
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await weftDone("down");
});

/** What joining could have changed on the host. */
async function traces(): Promise<string> {
  const places = ["/etc/weft", "/var/lib/weft", "/run/weft", "/run/openvswitch", "/run/ovn"];
  const files = await host.inside("find", ...places, "-not", "-type", "d");
  const links = await host.inside("ip", "-br", "address", "show");
  return `${files.stdout}\n${links.stdout}\n${await arpIgnored()}`;
}

/** Not to be answered by the uplink itself, which is a port of br-phy: tunnels to this host would go astray. */
async function arpIgnored(): Promise<string> {
  return (await host.inside("cat", "/proc/sys/net/ipv4/conf/uplink/arp_ignore")).stdout.trim();
}

describe("a token that is not good", () => {
  const used = async () => {
    const token = await newToken();
    const answer = await fetch(`${server}/v1/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, name: "ghost", address: "198.18.0.99" }),
    });
    expect(answer.status).toBe(201);
    return token;
  };
  const expired = async () => {
    const token = await newToken("--ttl", "1s");
    const made = Date.now();
    await eventually("the token has expired", 5_000, async () =>
      Date.now() > made + 1_000 ? true : undefined,
    );
    return token;
  };
  it.each<[string, () => Promise<string>, RegExp]>([
    ["a wrong one", async () => (await newToken()).replace(/.{6}$/, "AAAAAA"), /Nobody gave out this token/],
    ["a used one", used, /ghost joined with this token/],
    ["an expired one", expired, /expired at/],
    ["one for another name", () => newToken("--node", "other"), /for a node called other/],
  ])("%s is refused: nothing changes on the host, no node comes", async (_, give, reason) => {
    const token = await give();
    const outcome = await host.weft(...joining, "--token", token, "--name", name);
    expect([outcome.code, outcome.stdout]).toEqual([1, ""]);
    expect(outcome.stderr).toMatch(reason);
    expect(await traces()).toBe(untouched);
    expect((await nodes()).map((node) => node.name)).toEqual(["node-1"]);
  });

  it("a good one does not give the name of a live node", async () => {
    const outcome = await host.weft(...joining, "--token", await newToken(), "--name", "node-1");
    expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringMatching(/node-1 is alive/)]);
  });
});

describe("a host with a good token", () => {
  let token = "";
  it("joins, and is ready when the command returns", async () => {
    token = await newToken("--ttl", "10m");
    const outcome = await host.weft(...joining, "--token", token, "--name", name);
    expect(outcome).toMatchObject({ code: 0, stdout: `node/${name} ready\n` });
    expect(await nodes()).toContainEqual({ name, state: "ready", address: host.address });
    expect((await host.bridges()).toSorted()).toEqual(["br-int", "br-phy"]);
    expect(await arpIgnored()).toBe("1");
    expect(await chassis()).toContain(name);
    expect(await weftDone("events")).not.toContain(`_/node/${name}`); // it was never lost on its way in
  });

  it("keeps its credential for root alone, and the token nowhere", async () => {
    const mode = await host.inside("stat", "-c", "%a", "/etc/weft/node.json");
    expect(mode.stdout.trim()).toBe("600");
    const secret = token.split(".")[2] ?? "?";
    const inside = await host.inside("grep", "-rlF", "started", "/var/log/weft");
    expect(inside.stdout).toContain("agent.log");
    const found = await host.inside(
      "grep",
      "-rlF",
      secret,
      "/etc/weft",
      "/var/log/weft",
      "/var/lib/weft",
      "/run",
    );
    expect(found.stdout).toBe("");
    const logs = (labStatus()?.endpoints?.tokenFile ?? "").replace(/token$/, "logs");
    const inLogs = async (text: string) => (await run("grep", ["-rlF", text, logs])).stdout;
    expect(await inLogs("started")).toContain("intent.log");
    expect(await inLogs(secret)).toBe("");
  });

  it("carries a shard, and traffic passes it", async () => {
    expect(await applyText(yamlOf(documents))).toMatchObject({ code: 0 });
    for (const client of clients) await ready(`workload/${client.name}`);
    await ready("workload/server");
    await ready("fg/fw");
    await ready("chain/edge");
    const here = (await shards()).find((shard) => shard.node === name);
    expect(here).toMatchObject({ state: "ready", slots: 128 });
    const before = await passed();
    expect(await answered()).toBe(clients.length);
    const after = await passed();
    const through = Object.entries(after).map(([shard, count]) => [shard, count - (before[shard] ?? 0)]);
    expect(Object.fromEntries(through)).toEqual({ "fw-0": 4, "fw-1": 4 });
  });

  it("starts again without a token, and its shards stay", async () => {
    const before = (await shards()).map((shard) => `${shard.name} ${shard.node}`);
    expect(await host.weft("agent", "stop")).toMatchObject({ code: 0 });
    expect(await host.weft(...joining)).toMatchObject({ code: 0, stdout: `node/${name} ready\n` });
    expect((await shards()).map((shard) => `${shard.name} ${shard.node}`)).toEqual(before);
  });

  it("is not removed while it carries something, unless that is forced", async () => {
    const { code, stderr } = await weft("node", "remove", name);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/carries join\/shard\/fw-/)]);
    expect(await nodes()).toContainEqual({ name, state: "ready", address: host.address });
  });

  it("is removed: shards stand elsewhere, traffic passes, its agent ends and says why", async () => {
    expect(await weft("node", "remove", name, "--force")).toMatchObject({ code: 0 });
    await eventually("the node is gone", 60_000, async () =>
      (await nodes()).some((node) => node.name === name) ? undefined : true,
    );
    await ready("fg/fw");
    expect((await shards()).map((shard) => shard.node)).toEqual(["node-1", "node-1"]);
    expect(await answered()).toBe(clients.length);
    await eventually("its chassis is gone", 30_000, async () =>
      (await chassis()).includes(name) ? undefined : true,
    );
    const log = await host.inside("cat", "/var/log/weft/agent.log");
    expect(log.stdout).toContain(`The node ${name} was removed`);
    const ports = "ovs-vsctl --bare --columns=name find port external_ids:weft-node=second";
    expect((await host.inside("sh", "-c", `ip netns list; ${ports}`)).stdout.trim()).toBe("");
  });

  it("is let in again only by a new token, after it left", async () => {
    expect((await host.weft(...joining, "--token", token)).stderr).toMatch(/was removed/);
    expect(await host.weft("agent", "leave")).toMatchObject({ code: 0, stdout: `node/${name} left\n` });
    expect(await traces()).toBe(untouched);
    expect((await host.weft(...joining, "--token", token, "--name", name)).stderr).toMatch(
      /joined with this token/,
    );
    const again = await newToken("--node", name);
    expect(await host.weft(...joining, "--token", again, "--name", name)).toMatchObject({ code: 0 });
    expect((await chassis()).toSorted()).toEqual(["node-1", name]);
  });

  it("comes back after a reboot without a token, and its shard with it", async () => {
    await placeOneThere();
    await host.reboot();
    expect(await host.bridges()).toEqual([]);
    expect(await host.weft("agent", "start")).toMatchObject({ code: 0, stdout: `node/${name} ready\n` });
    await ready("fg/fw");
    expect((await shards()).map((shard) => shard.node)).toContain(name);
    expect(await answered()).toBe(clients.length);
  });

  it.each([
    ["by itself: what it carries has moved when the command returns", []],
    ["by force: at once, and what it carried moves", ["--force"]],
  ])("leaves %s", async (_, how) => {
    await placeOneThere();
    expect(await host.weft("agent", "leave", ...how)).toMatchObject({
      code: 0,
      stdout: `node/${name} left\n`,
    });
    if (how.length === 0) expect((await shards()).map((shard) => shard.node)).not.toContain(name);
    expect(await traces()).toBe(untouched);
    expect((await host.inside("ip", "netns", "list")).stdout).toBe("");
    await eventually("the node is gone", 60_000, async () =>
      (await nodes()).some((node) => node.name === name) ? undefined : true,
    );
    await ready("fg/fw");
    expect(await answered()).toBe(clients.length);
    const again = await newToken();
    expect(await host.weft(...joining, "--token", again, "--name", name)).toMatchObject({ code: 0 });
  });

  it("loses its power and is removed: nothing waits for it", async () => {
    await placeOneThere();
    await host[Symbol.asyncDispose]();
    await eventually("the node is lost", 30_000, async () =>
      (await nodes()).some((node) => node.name === name && node.state === "lost") ? true : undefined,
    );
    expect(await weft("node", "remove", name)).toMatchObject({ code: 0 });
    await ready("fg/fw");
    expect((await shards()).map((shard) => shard.node)).toEqual(["node-1", "node-1", "node-1"]);
    expect(await answered()).toBe(clients.length);
    await eventually("no record and no chassis is left of it", 30_000, async () =>
      (await nodes()).length === 1 && (await chassis()).length === 1 ? true : undefined,
    );
  });
});
