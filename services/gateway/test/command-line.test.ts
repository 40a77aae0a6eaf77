/** The `weft` command as a user runs it, against a gateway on real servers: what the verbs about documents and nodes print where. */
import { jetstreamManager } from "@nats-io/jetstream";
import type { Bus } from "@weft/bus";
import { recordKey } from "@weft/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { network, node, stitchedNetwork, workloadPlacement } from "./records.ts";
import { WeftCommand } from "./weft-command.ts";

let edge: Edge;
let command: WeftCommand;

beforeAll(async () => {
  edge = await startEdge();
  command = new WeftCommand(edge.url);
  await edge.bus.put("nodes", "node-1", node("node-1"));
});
afterAll(async () => {
  command[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

const weft: WeftCommand["run"] = (...given) => command.run(...given);
const file: WeftCommand["file"] = (...given) => command.file(...given);

/** Of every stream on the server but that of events, which follow later. */
async function lastSequences({ connection }: Bus): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for await (const { config, state } of (await jetstreamManager(connection)).streams.list())
    if (config.name !== "WEFT_EVENTS") found[config.name] = state.last_seq;
  return found;
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

  it("of another tenant than --tenant has its other faults told beside that", async () => {
    const text = "kind: Network\nmetadata: { name: a, tenant: b }\nspec: { mtu: 5 }\n";
    const refused = await weft(["apply", "-f", file("tenant.yaml", text), "--tenant", "demo"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr.split("\n").map((line) => line.replace(/^\S*tenant\.yaml:/, ""))).toEqual([
      "2:30: metadata.tenant: differs from --tenant demo",
      "3:7: spec.subnets: is required",
      "3:14: spec.mtu: must be from 1280 to 8900",
      expect.stringMatching(/^weft: There are 3 faults; nothing was changed\./),
      "",
    ]);
  });

  it("is not deleted by a file while another of its documents names nothing", async () => {
    const bad = file(
      "del.yaml",
      "kind: Network\nmetadata: { nam: x }\n---\nkind: Pod\nmetadata: { name: y }\n---\nmetadata: { name: z }\n",
    );
    const refused = await weft(["delete", "-f", bad]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr.split("\n").slice(0, 3)).toEqual([
      `${bad}:2:11: metadata.name: is required: what to delete is named by kind and metadata.name`,
      expect.stringContaining(`${bad}:4:7: kind: Pod is no kind known here; known are Network, `),
      `${bad}:7:1: kind: is required: what to delete is named by kind and metadata.name`,
    ]);
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
