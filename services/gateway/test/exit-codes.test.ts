/** How the `weft` command ends, against a gateway on real servers: 0 done, 1 refused or failed, 2 wrong usage, each with its reason on stderr. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge, token } from "./edge.ts";
import { WeftCommand } from "./weft-command.ts";

let edge: Edge;
let command: WeftCommand;

beforeAll(async () => {
  edge = await startEdge();
  command = new WeftCommand(edge.url);
});
afterAll(async () => {
  command[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

const weft: WeftCommand["run"] = (...given) => command.run(...given);
const file: WeftCommand["file"] = (...given) => command.file(...given);

describe("the exit code", () => {
  const cases: [claim: string, args: string[], code: number, says: RegExp][] = [
    ["an unknown verb", ["frobnicate"], 2, /unknown command/],
    ["no verb", [], 2, /Usage/],
    ["an unknown option", ["get", "nodes", "--colour"], 2, /unknown option/],
    ["an unknown kind", ["get", "gizmos"], 2, /is no kind/],
    ["an unknown form", ["get", "nodes", "-o", "xml"], 2, /table, json or yaml/],
    ["no file", ["apply"], 2, /required option/],
    ["a duration that is none", ["wait", "fg/a", "--for", "ready", "--timeout", "soon"], 2, /duration/],
    ["replicas that are no number", ["scale", "fg/a", "--replicas", "many"], 2, /whole number/],
    ["replicas beyond all bounds", ["scale", "fg/a", "--replicas", "1000000000"], 2, /from 1 to 64/],
    ["fewer lines than none", ["logs", "shard/a-0", "--tail", "-1"], 2, /0 or more/],
    ["a port that is none", ["trace", "--from", "x", "--to", "y", "--sport", "0"], 2, /from 1 to 65535/],
    [
      "slots of what is not there",
      ["get", "slots", "none"],
      1,
      /no record of slots of the function group none\./,
    ],
    ["a node that is not there", ["node", "remove", "none"], 1, /There is no node none/],
    ["a token without an end", ["node", "token", "--ttl", "1000h"], 2, /at most 168h/],
    ["slots of nothing", ["get", "slots"], 2, /function group/],
    ["a file that is not there", ["apply", "-f", "/none.yaml"], 1, /no such file/],
    ["what is not there", ["get", "network", "none"], 1, /There is no Network/],
    ["a service that is not there", ["get", "services", "none"], 1, /There is no service none/],
    ["handoffs of no group", ["get", "handoffs", "none"], 1, /There is no FunctionGroup/],
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
    writeFileSync(path.join(command.folder, "token"), `${token}\n`, { mode: 0o600 });
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
