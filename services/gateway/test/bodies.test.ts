/** Bodies of requests, on real servers: YAML and JSON, and what is neither. */
import { Refusal } from "@weft/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const send = (body: string, type = "application/yaml", target = "/v1/apply", method = "POST") =>
  edge.fetch(target, { method, body, headers: { "content-type": type } });
const refusalOf = async (answer: Promise<Response>) => Refusal.parse(await (await answer).json());

const one = "kind: Network\nmetadata: { name: y1, tenant: yaml }\nspec: { subnets: [10.1.0.0/16] }\n";
const two = one.replace("y1", "y2").replace("10.1", "10.2");

describe("YAML", () => {
  it("is taken as a stream of documents, and refused at its line when it is broken", async () => {
    const answer: unknown = await (await send(`${one}---\n${two}---\n`)).json();
    expect(answer).toMatchObject({ accepted: true, documents: [{ name: "y1" }, { name: "y2" }] });
    const refusal = await refusalOf(send("kind: Network\nmetadata: {\n"));
    expect(refusal).toMatchObject({ status: 400, code: "syntax-error" });
    expect(refusal.errors[0]?.line).toBeGreaterThan(1);
  });

  it("is taken as the one document that a PUT or PATCH means, and several are not", async () => {
    const put = (text: string) => send(text, "application/yaml", "/v1/tenants/yaml/networks/y3", "PUT");
    const three = one.replace("y1", "y3").replace("10.1", "10.3");
    const made = await put(three);
    expect({ status: made.status, body: await made.json() }).toMatchObject({
      status: 201,
      body: { metadata: { name: "y3" }, spec: { subnets: ["10.3.0.0/16"] } },
    });
    const patch = "metadata: { labels: { zone: a } }";
    const patched = await send(patch, "application/yaml", "/v1/tenants/yaml/networks/y3", "PATCH");
    expect(await patched.json()).toMatchObject({ metadata: { labels: { zone: "a" } } });
    expect(await refusalOf(put(`${three}---\n${three}`))).toMatchObject({
      code: "invalid-request",
      detail: expect.stringContaining("2 documents"),
    });
  });

  it("of aliases without end is the sender's fault, named at its document", async () => {
    const lists = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`);
    const laughs = `l0: &l0 [ha]\n${lists.join("\n")}\n`;
    const refusal = await refusalOf(send(`${one}---\n${laughs}`));
    expect(refusal).toMatchObject({ status: 400, code: "syntax-error", errors: [{ line: 5, column: 1 }] });
    const nobody = await refusalOf(send("kind: *nobody\n"));
    expect(nobody).toMatchObject({ status: 400, code: "syntax-error" });
  });
});

describe("JSON", () => {
  it("that is broken is refused at its line and column", async () => {
    const refusal = await refusalOf(send('{"documents": [\n  {"kind": }\n]}', "application/json"));
    expect(refusal).toMatchObject({ status: 400, code: "syntax-error", errors: [{ line: 2, column: 12 }] });
  });
});

describe("an envelope", () => {
  it("that has a field nobody knows is refused at that field", async () => {
    const envelope = JSON.stringify({ documents: [], colour: "red", shape: "round" });
    const refusal = await refusalOf(send(envelope, "application/json"));
    expect(refusal.errors.map(({ path }) => path)).toEqual(["colour", "shape"]);
  });
});

describe("what is nested without end", () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

  it.each([
    ["in JSON", `{"documents": [${deep}]}`, "application/json"],
    ["in YAML", deep, "application/yaml"],
  ])("is the sender's fault: %s", async (_, body, type) => {
    const refusal = await refusalOf(send(body, type));
    expect(refusal).toMatchObject({
      status: 400,
      code: "invalid-request",
      errors: [{ message: expect.stringContaining("levels") }],
    });
  });
});
