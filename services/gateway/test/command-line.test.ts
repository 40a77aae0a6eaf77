/** The `weft` command as a user runs it, against a gateway on real servers: what it prints where, and its exit codes. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { Bus } from "@weft/bus";
import { recordKey, slotsKey } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge, token } from "./edge.ts";
import { fakeAgent } from "./fake-agent.ts";
import { network, node, stitchedNetwork, workloadPlacement } from "./records.ts";

const bin = path.join(import.meta.dirname, "../../../libs/cli/bin/weft.mjs");
const folder = mkdtempSync(path.join(tmpdir(), "weft-cli-"));
let edge: Edge;
let agent: Disposable;

beforeAll(async () => {
  edge = await startEdge();
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
  rmSync(folder, { recursive: true });
  agent[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

/** Of every stream on the server but that of events, which follow later. */
async function lastSequences({ connection }: Bus): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for await (const { config, state } of (await jetstreamManager(connection)).streams.list())
    if (config.name !== "WEFT_EVENTS") found[config.name] = state.last_seq;
  return found;
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** With stdin from /dev/null unless a text is given; `environment` stands over the usual one. */
function weft(
  args: readonly string[],
  { stdin, environment = {} }: { stdin?: string; environment?: object } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        WEFT_SERVER: edge.url,
        WEFT_TOKEN: token,
        WEFT_LAB_DIR: folder,
        ...environment,
      },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (data) => (stdout += String(data)));
    child.stderr?.on("data", (data) => (stderr += String(data)));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin?.end(stdin);
  });
}

function file(name: string, text: string): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

describe("a node's life by commands", () => {
  it("it is cordoned, drained, awaited and uncordoned, and its policy stays one", async () => {
    await edge.bus.put("placements", recordKey("workload", "demo", "held"), workloadPlacement("held"));
    expect(await weft(["cordon", "node/node-1"])).toMatchObject({
      code: 0,
      stdout: "node/node-1 cordoned\n",
    });
    const drain = await weft(["drain", "node/node-1"]);
    expect(drain).toMatchObject({ code: 0, stderr: "" });
    expect(drain.stdout).toMatch(/^node\/node-1 draining\n {2}demo\/workload\/held /);
    const described = (await weft(["describe", "node/node-1"])).stdout;
    expect(described).toContain("Its drain waits for demo/workload/held ");
    const late = await weft(["wait", "node/node-1", "--for", "drained", "--timeout", "100ms"]);
    expect(late).toMatchObject({ code: 1, stdout: "" });
    expect(late.stderr).toContain("demo/workload/held");
    await edge.bus.remove("placements", recordKey("workload", "demo", "held"));
    const waited = await weft(["wait", "node/node-1", "--for", "drained"]);
    expect(waited).toMatchObject({ code: 0, stdout: "node/node-1 drained\n" });
    expect(await weft(["uncordon", "node/node-1"])).toMatchObject({ stdout: "node/node-1 uncordoned\n" });
    expect((await weft(["get", "nodepolicies", "-A"])).stdout).toMatch(
      /^TENANT {4}NAME {5}NODE .*\ndefault {3}node-1 {3}node-1 {3}false +false +True .*\n$/,
    );
  });

  it.each([
    [["cordon", "node/nowhere"], 1, "nowhere"],
    [["drain", "workload/w"], 2, "this takes node/NAME"],
    [["wait", "network/n", "--for", "drained"], 2, "this takes node/NAME"],
  ])("%j is refused", async (args, code, words) => {
    const refused = await weft(args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(words);
  });
});

describe("a document's life by commands", () => {
  it("is applied, shown, described, awaited and deleted", async () => {
    const yaml = file(
      "net.yaml",
      "kind: Network\nmetadata: { name: life, tenant: demo }\nspec: { subnets: [10.7.0.0/16] }\n",
    );
    expect(await weft(["apply", "-f", yaml])).toEqual({
      code: 0,
      stdout: "network/life created\n",
      stderr: "",
    });
    expect(
      await weft(["apply", "-f", "-"], {
        stdin: JSON.stringify({ ...network("life"), spec: { subnets: ["10.7.0.0/16"] } }),
      }),
    ).toEqual({
      code: 0,
      stdout: "network/life unchanged\n",
      stderr: "",
    });

    const table = await weft(["get", "networks", "--tenant", "demo"]);
    expect(table.stdout).toMatch(/^NAME {3}SUBNETS .*\nlife {3}10\.7\.0\.0\/16 .* NotStitched .*\n$/);
    const json = JSON.parse((await weft(["get", "net/life", "--tenant", "demo", "-o", "json"])).stdout) as {
      metadata: { uid: string };
    };
    const yamlText = (await weft(["get", "networks", "--tenant", "demo", "-o", "yaml"])).stdout;
    expect(yamlText).toContain("- apiVersion: weft.dev/v1\n");

    const late = await weft([
      "wait",
      "network/life",
      "--for",
      "ready",
      "--timeout",
      "100ms",
      "--tenant",
      "demo",
    ]);
    expect(late).toMatchObject({ code: 1, stdout: "" });
    expect(late.stderr).toContain("NotStitched: the network-stitcher has not taken up this network yet");
    await edge.bus.put(
      "stitched",
      recordKey("network", "demo", "life"),
      stitchedNetwork("life", json.metadata.uid),
    );
    expect(await weft(["wait", "network/life", "--for", "ready", "--tenant", "demo"])).toMatchObject({
      code: 0,
      stdout: "network/life ready\n",
    });

    const described = await weft(["describe", "network/life", "--tenant", "demo"]);
    expect(described.stdout).toMatch(/^network\/life is ready\.\n[^]*events:\n {2}AGE/);
    expect((await weft(["events", "--tenant", "demo"])).stdout).toContain("intent.accepted");

    expect(await weft(["delete", "network/life", "--tenant", "demo"])).toMatchObject({
      code: 0,
      stdout: "network/life deleted\n",
    });
    const leaving = await weft(["describe", "network/life", "--tenant", "demo"]);
    expect(leaving).toMatchObject({ code: 1, stdout: "" });
    expect(leaving.stderr).toContain("is being deleted; there is still its part of the network");
    await edge.bus.remove("stitched", recordKey("network", "demo", "life"));
    expect(await weft(["wait", "network/life", "--for", "deleted", "--tenant", "demo"])).toMatchObject({
      code: 0,
      stdout: "network/life deleted\n",
    });
  });

  it("tells each fault with file, line and column, and changes nothing", async () => {
    const bad = file(
      "bad.yaml",
      "kind: Network\nmetadata: { name: ok }\nspec: { subnets: [10.8.0.0/16] }\n---\nkind: Network\nmetadata: { name: Bad }\nspec:\n  subnets: [10.8.0.1/16]\n",
    );
    const refused = await weft(["apply", "-f", bad]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`${bad}:6:19: metadata.name: `);
    expect(refused.stderr).toContain(`${bad}:8:13: spec.subnets[0]: `);
    expect(await edge.client.list("Network", "default")).toEqual([]);
    expect((await weft(["apply", "-f", bad, "--tenant", "other", "--dry-run"])).code).toBe(1);
  });
});

describe("a dry run", () => {
  const documents = (subnet: string) =>
    `kind: Network\nmetadata: { name: planned, tenant: dry }\nspec: { subnets: [${subnet}] }\n`;

  it("tells the steps by service and leaves every stream as it was", async () => {
    const streams = () => lastSequences(edge.bus);
    const before = await streams();
    const yaml = file("planned.yaml", documents("10.7.0.0/16"));
    const table = await weft(["apply", "-f", yaml, "--dry-run"]);
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout).toMatch(/^network\/planned created \(dry run\)\n\nSERVICE +NODE +STEP/);
    expect(table.stdout).toMatch(/^intent +- +createDocument +network\/planned +it is not there yet$/m);
    expect(table.stdout).toMatch(/^network-stitcher +- +createSwitch +network\/planned/m);
    const json: unknown = JSON.parse((await weft(["apply", "-f", yaml, "--dry-run", "-o", "json"])).stdout);
    expect(json).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ service: "network-stitcher", kind: "createRouter", tenant: "dry" }),
      ]),
    );
    expect(await streams()).toEqual(before);
    expect((await weft(["apply", "-f", yaml])).code).toBe(0);
    expect(await streams()).not.toEqual(before);
  });

  it("of what is there already is an empty plan", async () => {
    const yaml = file("same.yaml", documents("10.7.0.0/16"));
    const same = await weft(["apply", "-f", yaml, "--dry-run"]);
    expect(same.stdout).toBe("network/planned unchanged (dry run)\n\nnothing would be done\n");
    expect((await weft(["apply", "-f", yaml, "--dry-run", "-o", "json"])).stdout).toBe("[]\n");
  });

  it("of a deletion leaves the resource", async () => {
    const dry = await weft(["delete", "network/planned", "--tenant", "dry", "--dry-run"]);
    expect(dry.stdout).toMatch(/^intent +- +deleteDocument +network\/planned/m);
    expect(await edge.client.list("Network", "dry")).toHaveLength(1);
  });
});

describe("a deletion of several files", () => {
  const named = (kind: string, name: string, spec: string) =>
    `kind: ${kind}\nmetadata: { name: ${name}, tenant: several }\nspec: ${spec}\n`;
  const used = named("Network", "used", "{ subnets: [10.1.0.0/16] }");
  const user = named("Workload", "user", "{ networks: [{ network: used }] }");

  it("is all or none: what is missing keeps the others", async () => {
    const both = file("both.yaml", `${used}---\n${user}`);
    expect((await weft(["apply", "-f", both])).code).toBe(0);
    const wrong = file("wrong.yaml", `${used}---\n${user}---\n${named("Network", "none", "{}")}`);
    const refused = await weft(["delete", "-f", wrong]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`${wrong}:10:19: metadata.name: there is no Network none`);
    expect(await edge.client.list("Network", "several")).toHaveLength(1);
    expect(await edge.client.list("Workload", "several")).toHaveLength(1);

    const done = await weft(["delete", "-f", both]);
    expect(done).toEqual({ code: 0, stdout: "network/used deleted\nworkload/user deleted\n", stderr: "" });
    expect(await edge.client.list("Network", "several")).toEqual([]);
  });
});

describe("exit codes", () => {
  const cases: [claim: string, args: string[], code: number, says: RegExp][] = [
    ["an unknown verb", ["frobnicate"], 2, /unknown command/],
    ["no verb", [], 2, /Usage/],
    ["an unknown option", ["get", "nodes", "--colour"], 2, /unknown option/],
    ["an unknown kind", ["get", "gizmos"], 2, /is no kind/],
    ["an unknown form", ["get", "nodes", "-o", "xml"], 2, /table, json or yaml/],
    ["no file", ["apply"], 2, /required option/],
    ["a duration that is none", ["wait", "fg/a", "--for", "ready", "--timeout", "soon"], 2, /duration/],
    ["replicas that are no number", ["scale", "fg/a", "--replicas", "many"], 2, /whole number/],
    ["a node that is not there", ["node", "remove", "none"], 1, /There is no node none/],
    ["a token without an end", ["node", "token", "--ttl", "1000h"], 2, /at most 168h/],
    ["slots of nothing", ["get", "slots"], 2, /function group/],
    ["a file that is not there", ["apply", "-f", "/none.yaml"], 1, /no such file/],
    ["what is not there", ["get", "network", "none"], 1, /There is no Network/],
    ["a wait for what is not there", ["wait", "network/none", "--for", "ready"], 1, /There is no Network/],
    ["a scale of what is not there", ["scale", "fg/none", "--replicas", "2"], 1, /There is no FunctionGroup/],
    ["a server that is not there", ["get", "nodes", "--server", "http://127.0.0.1:9443"], 1, /weft up/],
  ];
  it.each(cases)("of %s", async (_claim, args, code, says) => {
    const outcome = await weft(args);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: "" });
    expect(outcome.stderr).toMatch(says);
  });

  it("of a wrong token says which to use", async () => {
    expect(await weft(["get", "nodes"], { environment: { WEFT_TOKEN: "wrong" } })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Set WEFT_TOKEN"),
    });
    writeFileSync(path.join(folder, "token"), `${token}\n`, { mode: 0o600 });
    expect(await weft(["get", "nodes"], { environment: { WEFT_TOKEN: "" } })).toMatchObject({ code: 0 });
  });

  it("of a tenant in the environment is meant where none is named, and must be a name", async () => {
    const environment = { WEFT_TENANT: "by-env" };
    const yaml = file(
      "env.yaml",
      "kind: Network\nmetadata: { name: mine }\nspec: { subnets: [10.9.0.0/16] }\n",
    );
    expect((await weft(["apply", "-f", yaml], { environment })).code).toBe(0);
    expect((await weft(["get", "network", "mine"], { environment })).stdout).toContain("mine");
    expect((await weft(["get", "network", "mine", "--tenant", "demo"], { environment })).code).toBe(1);
    expect(await weft(["get", "networks"], { environment: { WEFT_TENANT: "No Name" } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("WEFT_TENANT"),
    });
  });

  it("of a list of all tenants is 0, and its rows say whose they are", async () => {
    for (const tenant of ["one", "two"]) {
      const yaml = `kind: Network\nmetadata: { name: same, tenant: ${tenant} }\nspec: { subnets: [10.9.0.0/16] }\n`;
      expect((await weft(["apply", "-f", file(`${tenant}.yaml`, yaml)])).code).toBe(0);
    }
    const { code, stdout } = await weft(["get", "networks", "-A"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TENANT +NAME /);
    expect(stdout).toMatch(/^one +same /m);
    expect(stdout).toMatch(/^two +same /m);
    expect((await weft(["get", "nodes", "-A"])).code).toBe(2);
    expect((await weft(["get", "shards", "-A", "-o", "json"])).code).toBe(0);
  });

  it("of help is 0, and help is an answer", async () => {
    const help = await weft(["help", "apply"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("--filename");
  });
});

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

  it("has its flows traced, and a dropped one ends with 1", async () => {
    const at = (address: string) => ({
      name: "net0",
      port: "p",
      segment: { kind: "network" as const, name: "inside" },
      mac: "0a:58:0a:01:00:02",
      addresses: [address],
      mtu: 1400,
    });
    for (const [name, address] of [
      ["a", "10.1.0.2/16"],
      ["b", "10.1.0.3/16"],
    ] as const)
      await edge.bus.put("placements", recordKey("workload", "demo", name), {
        ...workloadPlacement(name),
        interfaces: [at(address)],
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
    const none = await weft([...trace, "--to", "workload/none", "--proto", "gre"]);
    expect(none).toMatchObject({ code: 2, stdout: "" });
    const refused = await weft([...trace, "--to", "workload/none", "-o", "json"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("there is no workload none");
  });
});
