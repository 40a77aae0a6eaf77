/**
 * What is let in and what is refused, by every way in, on a lab of one node: a refusal names each fault with its place,
 * exits 1, and leaves OVN's northbound database as it was.
 */
import { connect } from "@nats-io/transport-node";
import { labStatus } from "@weft/lab";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { applyText, eventually, northboundDump, weft, weftDone, yamlOf } from "./command-line.ts";

const tenant = "strict";
const network = (name: string, subnet: string, more = {}) => ({
  kind: "Network",
  metadata: { name, tenant },
  spec: { subnets: [subnet], ...more },
});
const group = (spec: Record<string, unknown>, name = "fw") => ({
  kind: "FunctionGroup",
  metadata: { name, tenant },
  spec: { function: "firewall", ...spec },
});
const rules = (...all: unknown[]) => ({ config: { default: "drop", rules: all } });

const endpoint = (name: "nats" | "northbound"): string => labStatus()?.endpoints?.[name] ?? "";

beforeAll(async () => {
  await weftDone("up", "--nodes", "1");
  const there = [network("here", "10.5.0.0/24"), network("there", "10.6.0.0/24")];
  expect(await applyText(yamlOf(there))).toMatchObject({ code: 0 });
  await weftDone("wait", "network/there", "--for", "ready", "--tenant", tenant);
});

afterAll(async () => {
  await weftDone("down");
});

describe("a request that is refused", () => {
  let before: string;
  beforeEach(async () => {
    before = await northboundDump(endpoint("northbound"));
  });

  const chain = {
    kind: "Chain",
    metadata: { name: "c", tenant },
    spec: { from: "here", to: "nowhere", through: ["fw"] },
  };
  const cases: [situation: string, text: string, ...said: string[]][] = [
    ["an unknown field", yamlOf([network("n", "10.7.0.0/24", { colour: "red" })]), "1:", "colour"],
    ["an unknown kind", yamlOf([{ kind: "Nework", metadata: { name: "n" }, spec: {} }]), "kind", "Network"],
    ["overlapping subnets", yamlOf([network("n", "10.5.0.128/25")]), "subnets[0]", "here"],
    ["a reserved subnet", yamlOf([network("n", "100.64.7.0/24")]), "subnets[0]", "100.64.0.0/10"],
    ["a reserved IPv6 subnet", yamlOf([network("n", "fd77:1::/64")]), "subnets[0]", "fd77::/16"],
    ["a chain to a missing network", yamlOf([group({}), chain]), "spec.to", "nowhere"],
    ["an unknown function", yamlOf([group({ function: "toaster" })]), "spec.function", "toaster", "firewall"],
    [
      "three faults in one file",
      yamlOf([network("a", "10.5.0.0/16"), group({ replicas: 65 }), chain]),
      "subnets[0]",
      "replicas",
      "spec.to",
    ],
    ["broken YAML", "kind: Network\nmetadata: { name: x\nspec: [", "stdin:3:1"],
    ["more than 1 MiB", `# ${"x".repeat(1024 * 1024)}\n${yamlOf([network("n", "10.7.0.0/24")])}`, "1 MiB"],
    [
      "more than 1,000 documents",
      yamlOf(Array.from({ length: 1001 }, (_, index) => network(`n-${index}`, `10.7.${index % 256}.0/24`))),
      "1001",
      "1000",
    ],
    ["a name with a slash", yamlOf([network("a/b", "10.7.0.0/24")]), "metadata.name"],
    ["a name in another script", yamlOf([network("größe", "10.7.0.0/24")]), "metadata.name"],
    ["replicas -1", yamlOf([group({ replicas: -1 })]), "spec.replicas"],
    ["replicas 65", yamlOf([group({ replicas: 65 })]), "spec.replicas"],
    [
      "a configuration that nft refuses",
      yamlOf([group(rules({ name: "odd", action: "accept", from: "here", match: "tcp flags nonsense" }))]),
      "config.rules[0]",
    ],
  ];
  it.each(cases)("by %s: exit 1, its place, nothing changed", async (_situation, text, ...said) => {
    const refused = await applyText(text);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    for (const words of said) expect(refused.stderr).toContain(words);
    expect(await northboundDump(endpoint("northbound"))).toBe(before);
  });
});

describe("an intent that a plain NATS client publishes", () => {
  const ask = async (subject: string, payload: string): Promise<Record<string, unknown>> => {
    const connection = await connect({ servers: endpoint("nats") });
    try {
      return (await connection.request(subject, payload, { timeout: 10_000 })).json();
    } finally {
      await connection.close();
    }
  };

  it("is carried out, and its deletion too", async () => {
    const reply = await ask(
      "weft.intent.apply",
      JSON.stringify({ documents: [network("plain", "10.9.0.0/24")] }),
    );
    expect(reply).toMatchObject({
      accepted: true,
      documents: [{ kind: "Network", tenant, name: "plain", generation: 1 }],
    });
    await weftDone("wait", "network/plain", "--for", "ready", "--tenant", tenant);
    expect(await northboundDump(endpoint("northbound"))).toContain("plain");
    const gone = await ask("weft.intent.delete", JSON.stringify({ kind: "Network", tenant, name: "plain" }));
    expect(gone).toMatchObject({ accepted: true });
    await eventually("the switch is gone", 10_000, async () =>
      (await northboundDump(endpoint("northbound"))).includes("plain") ? undefined : true,
    );
  });

  it("is refused with every fault and its path when it is bad", async () => {
    const bad = {
      kind: "Network",
      metadata: { name: "Bad/Name", tenant },
      spec: { subnets: ["10.9.0.1/24"], colour: "red" },
    };
    const reply = await ask("weft.intent.apply", JSON.stringify({ documents: [bad] }));
    expect(reply).toMatchObject({ accepted: false, code: "invalid-document", status: 422 });
    const paths = z
      .array(z.object({ path: z.string() }))
      .parse(reply["errors"])
      .map(({ path }) => path);
    expect(paths.toSorted()).toEqual([
      "documents[0].metadata.name",
      "documents[0].spec.colour",
      "documents[0].spec.subnets[0]",
    ]);
  });

  it.each(["", "{", "null", "[]", '{"documents":7}', '{"documents":[],"extra":1}'])(
    "is answered with a refusal and no timeout when it is %j",
    async (payload) => {
      expect(await ask("weft.intent.apply", payload)).toMatchObject({ accepted: false });
    },
  );
});

describe("the command line", () => {
  it("exits 2 when it is used wrongly, and says how", async () => {
    const { code, stderr } = await weft("get", "toasters");
    expect(code).toBe(2);
    expect(stderr).toContain("networks");
  });
});
