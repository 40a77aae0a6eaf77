/** The `weft` command as a user runs it, against a gateway on real servers: the verbs about what runs: exec, logs, slots, traces, drains. */
import { recordKey, slotsKey } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { fakeAgent } from "./fake-agent.ts";
import { node, shardPlacement, workloadPlacement } from "./records.ts";
import { WeftCommand } from "./weft-command.ts";

let edge: Edge;
let command: WeftCommand;
let agent: Disposable;

beforeAll(async () => {
  edge = await startEdge();
  command = new WeftCommand(edge.url);
  await edge.bus.put("nodes", "node-1", node("node-1"));
  agent = fakeAgent(edge.bus, "node-1", {
    opened: ({ request, send }) => {
      send("stderr", `${request.op} ${request.command?.join(" ") ?? ""}\n`);
      if (!request.stdin) send("exit", JSON.stringify({ code: request.op === "exec" ? 3 : 0 }));
    },
    frame: ({ send }, { stream, data }) => {
      if (stream === "stdin") send("stdout", data);
      if (stream === "eof") send("exit", '{"code":0}');
    },
  });
});
afterAll(async () => {
  command[Symbol.dispose]();
  agent[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

const weft: WeftCommand["run"] = (...given) => command.run(...given);

describe("what runs", () => {
  beforeAll(async () => {
    await edge.bus.put("placements", recordKey("workload", "demo", "w"), workloadPlacement("w"));
    await eventually(
      "the gateway sees it",
      async () => (await edge.client.nodes())[0]?.allocated.cpu === 0.5,
    );
  });

  it("is given stdin when it is piped, and its exit code is handed on", async () => {
    const exec = ["exec", "workload/w", "--tenant", "demo", "--", "cat", "-n"];
    expect(await weft(exec)).toEqual({ code: 3, stdout: "", stderr: "exec cat -n\n" });
    expect(await weft(exec, { stdin: "hello\n" })).toEqual({
      code: 0,
      stdout: "hello\n",
      stderr: "exec cat -n\n",
    });
  });

  it("has logs, as services have", async () => {
    expect(await weft(["logs", "workload/w", "--tenant", "demo"])).toEqual({
      code: 0,
      stdout: "logs \n",
      stderr: "",
    });
    expect(await weft(["logs", "service/gateway"])).toMatchObject({ code: 0 });
    expect(await weft(["logs", "service/none"])).toMatchObject({ code: 1, stdout: "" });
  });

  it("has slots, shown by owner or one by one", async () => {
    const owners = Array.from({ length: 256 }, (_, slot) => `fw-${slot % 2}`);
    await edge.bus.put("slots", slotsKey("demo", "fw"), {
      tenant: "demo",
      group: "fw",
      groupUid: "u",
      version: 2,
      owners,
      leaving: [],
      nextHandoff: 1,
      handoffs: [],
    });
    const json = await eventually("slots", async () => {
      const { code, stdout } = await weft(["get", "slots", "fg/fw", "--tenant", "demo", "-o", "json"]);
      return code === 0 ? stdout : undefined;
    });
    expect(JSON.parse(json)).toEqual({ version: 2, owners });
    expect((await weft(["get", "slots", "fw", "--tenant", "demo"])).stdout).toBe(
      "SHARD   SLOTS   SHARE\nfw-0    128     50%\nfw-1    128     50%\n",
    );
  });

  it("has its flows traced, and a dropped one is an answer too", async () => {
    const at = (address: string, network = "inside") => ({
      name: "net0",
      port: "p",
      segment: { kind: "network" as const, name: network },
      mac: "0a:58:0a:01:00:02",
      addresses: [address],
      mtu: 1400,
    });
    for (const [name, address, network] of [
      ["a", "10.1.0.2/16", "inside"],
      ["b", "10.1.0.3/16", "inside"],
      ["c", "10.2.0.2/16", "outside"],
    ] as const)
      await edge.bus.put("placements", recordKey("workload", "demo", name), {
        ...workloadPlacement(name),
        interfaces: [at(address, network)],
      });
    const trace = ["trace", "--tenant", "demo", "--from", "workload/a"];
    const found = await eventually("a trace", async () => {
      const { code, stdout } = await weft([...trace, "--to", "10.1.0.3"]);
      return code === 0 ? stdout : undefined;
    });
    expect(found.split("\n").slice(0, 3)).toEqual([
      "link: both are on inside",
      "WAY     HOP   AT           GROUP   NODE     ADDRESS    SLOT   WHY",
      "there   1     workload/a   -       node-1   10.1.0.2   -      sends on inside",
    ]);
    const dropped = await eventually("a trace", async () => {
      const { code, stdout } = await weft([...trace, "--to", "workload/c"]);
      return stdout === "" ? undefined : { code, stdout };
    });
    expect(dropped).toEqual({ code: 0, stdout: expect.stringMatching(/^dropped: /) });
    const none = await weft([...trace, "--to", "workload/none", "--proto", "gre"]);
    expect(none).toMatchObject({ code: 2, stdout: "" });
    const refused = await weft([...trace, "--to", "workload/none", "-o", "json"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("there is no workload none");
  });

  it("says of a shard that leaves what it waits for, and of its group too", async () => {
    const apply = JSON.stringify({
      kind: "FunctionGroup",
      metadata: { name: "ids", tenant: "demo" },
      spec: { function: "firewall", drain: { timeout: "10m" } },
    });
    expect((await weft(["apply", "-f", "-"], { stdin: apply })).code).toBe(0);
    const { metadata } = await edge.client.get("FunctionGroup", "demo", "ids");
    const leavingSince = "2026-01-01T00:00:00.000Z";
    const leaving = { leaving: true, leavingSince, group: "ids", intentUid: metadata.uid };
    const placed = { ...shardPlacement("ids-1"), ...leaving };
    await edge.bus.put("placements", recordKey("shard", "demo", "ids-1"), placed);
    const given = { from: "ids-1", to: "ids-0", fromGone: false, startedAt: leavingSince };
    await edge.bus.put("slots", slotsKey("demo", "ids"), {
      tenant: "demo",
      group: "ids",
      groupUid: metadata.uid,
      version: 2,
      owners: Array.from({ length: 256 }, () => "ids-0"),
      leaving: [],
      nextHandoff: 5,
      handoffs: [
        { ...given, id: 3, slots: [1, 2], phase: "drain" },
        { ...given, id: 4, slots: [3], phase: "drain", startedAt: "2026-01-01T00:00:05.000Z" },
      ],
    });
    await edge.bus.put("shims", recordKey("shard", "demo", "ids-1"), {
      tenant: "demo",
      group: "ids",
      shard: "ids-1",
      node: "node-1",
      placementUid: placed.uid,
      namespaceInode: 1,
      flowsAtLeast: 8,
      handoffs: [
        { id: 3, reached: "draining", flows: 7 },
        { id: 4, reached: "draining", flows: 5 },
      ],
    });
    const waits =
      "it waits for 12 flows in 3 slots, the oldest handed on at 2026-01-01T00:00:00.000Z and in drain, " +
      "until 2026-01-01T00:10:00.000Z at most.";
    const shard = await eventually("the shard is told", async () => {
      const { code, stdout } = await weft(["describe", "shard/ids-1", "--tenant", "demo"]);
      return code === 0 && stdout.includes("flows in") ? stdout : undefined;
    });
    expect(shard.split("\n").slice(0, 2)).toEqual(["shard/ids-1 is draining.", waits.replace("it", "It")]);
    const group = await weft(["describe", "fg/ids", "--tenant", "demo"]);
    expect(group.stdout.split("\n")[1]).toBe(`ids-1 is leaving: ${waits}`);
    expect((await edge.client.shard("demo", "ids-1")).drain).toMatchObject({
      deadline: "2026-01-01T00:10:00.000Z",
      owns: 0,
      slots: 3,
      flows: 12,
      oldest: { phase: "drain", startedAt: leavingSince },
    });
  });
});
