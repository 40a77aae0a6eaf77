/** The gateway over HTTP, on real servers: what is refused, what is read, changed and watched. */
import { Refusal, recordKey } from "@weft/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { network, node, stitchedNetwork } from "./records.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function refusalOf(response: Response): Promise<Refusal> {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  return Refusal.parse(await response.json());
}

const put = (name: string, body: unknown, headers: Record<string, string> = {}) =>
  edge.fetch(`/v1/tenants/demo/networks/${name}`, {
    method: "PUT",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });

describe("what does not fit", () => {
  it("is answered by a refusal, whatever it is", async () => {
    const json = { "content-type": "application/json" };
    const cases: [target: string, init: RequestInit, status: number, code: string][] = [
      ["/nothing", {}, 404, "not-found"],
      ["/v1/tenants/demo/gizmos", {}, 404, "not-found"],
      ["/v1/tenants/demo/networks/none", {}, 404, "not-found"],
      ["/v1/tenants/De_mo/networks", {}, 404, "not-found"],
      ["/v1/tenants/demo/networks/none", { method: "DELETE" }, 404, "not-found"],
      ["/v1/nodes", { method: "POST", body: "{}" }, 405, "invalid-request"],
      ["/v1/nodes", { method: "OPTIONS" }, 405, "invalid-request"],
      ["/v1/nodes?colour=red", {}, 400, "invalid-request"],
      [
        "/v1/apply",
        { method: "POST", body: "kind: Network", headers: { "content-type": "text/plain" } },
        415,
        "invalid-request",
      ],
      ["/v1/apply", { method: "POST", body: "{", headers: json }, 400, "syntax-error"],
      ["/v1/apply", { method: "POST", body: "[]", headers: json }, 400, "invalid-request"],
      ["/v1/tenants/demo/workloads/none/logs", {}, 404, "not-found"],
      ["/v1/services/none/logs", {}, 404, "not-found"],
    ];
    for (const [target, init, status, code] of cases) {
      const refusal = await refusalOf(await edge.fetch(target, init));
      expect({ target, status: refusal.status, code: refusal.code }).toEqual({ target, status, code });
    }
  });

  it("is refused by its size before it is sent on", async () => {
    const send = (body: string) =>
      edge.fetch("/v1/apply", { method: "POST", body, headers: { "content-type": "application/json" } });
    const large = await refusalOf(await send(JSON.stringify({ documents: ["x".repeat(1024 * 1024)] })));
    expect(large).toMatchObject({ status: 413, code: "too-large" });
    expect(large.detail).toContain("1048594 bytes");
    const many = await refusalOf(
      await send(JSON.stringify({ documents: Array.from({ length: 1001 }, () => 0) })),
    );
    expect(many).toMatchObject({ status: 413, code: "too-many-documents" });
    expect(many.detail).toContain("1001 documents");
  });

  it("names every fault at its path within the one document", async () => {
    const refusal = await refusalOf(await put("bad", { spec: { subnets: ["10.0.0.1/8"], colour: "red" } }));
    expect(refusal.errors.map(({ path }) => path).toSorted()).toEqual(["spec.colour", "spec.subnets[0]"]);
    const elsewhere = { kind: "Chain", metadata: { name: "x", tenant: "other" }, spec: {} };
    expect((await refusalOf(await put("bad", elsewhere))).errors.map(({ path }) => path)).toEqual([
      "kind",
      "metadata.tenant",
      "metadata.name",
    ]);
  });
});

describe("a document's life", () => {
  it("is created, read, changed by who read the newest, and deleted", async () => {
    const created = await put("life", network("life"), { "if-none-match": "*" });
    expect(created.status).toBe(201);
    const etag = created.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"\d+"$/);
    expect(await refusalOf(await put("life", network("life"), { "if-none-match": "*" }))).toMatchObject({
      status: 412,
      errors: [{ path: "If-None-Match" }],
    });

    const wider = { ...network("life"), spec: { subnets: ["10.9.0.0/16"] } };
    expect(await refusalOf(await put("life", wider, { "if-match": '"99999"' }))).toMatchObject({
      status: 412,
      errors: [{ path: "If-Match" }],
    });
    const old = { ...wider, metadata: { ...wider.metadata, revision: 99_999 } };
    expect(await refusalOf(await put("life", old))).toMatchObject({ status: 409, code: "conflict" });
    const changed = await put("life", wider, { "if-match": etag });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({
      metadata: { generation: 2 },
      spec: { subnets: ["10.9.0.0/16"] },
    });

    const patched = await edge.client.patch("Network", "demo", "life", {
      metadata: { labels: { zone: "a" } },
    });
    expect(patched.metadata).toMatchObject({ labels: { zone: "a" }, generation: 2 });
    expect(await edge.client.get("Network", "demo", "life")).toEqual(patched);

    await edge.client.remove("Network", "demo", "life");
    expect(await edge.client.list("Network", "demo")).toEqual([]);
  });

  it("is not created by who asks that it is there", async () => {
    const refused = await put("anywhere", network("anywhere"), { "if-match": "*" });
    expect(refused.status).toBe(412);
    expect(await refusalOf(refused)).toMatchObject({ status: 412, code: "conflict" });
    await put("anywhere", network("anywhere"));
    const wider = { ...network("anywhere"), spec: { subnets: ["10.9.0.0/16"] } };
    expect((await put("anywhere", wider, { "if-match": "*" })).status).toBe(200);
    await edge.client.remove("Network", "demo", "anywhere");
  });

  it("is neither deleted nor patched by who asks that it is there, where it is not", async () => {
    for (const method of ["DELETE", "PATCH"])
      for (const tag of ["*", '"42"']) {
        const headers = { "if-match": tag, "content-type": "application/merge-patch+json" };
        const init = method === "DELETE" ? { headers: { "if-match": tag } } : { headers, body: "{}" };
        const refused = await edge.fetch("/v1/tenants/demo/networks/nowhere", { method, ...init });
        expect(await refusalOf(refused)).toMatchObject({ status: 412, code: "conflict" });
      }
  });

  it("loses no patch when many come at once", async () => {
    await put("busy", network("busy"));
    const labels = ["a", "b", "c", "d"];
    await Promise.all(
      labels.map((key) =>
        edge.client.patch("Network", "demo", "busy", { metadata: { labels: { [key]: "x" } } }),
      ),
    );
    const { metadata } = await edge.client.get("Network", "demo", "busy");
    expect(Object.keys(metadata.labels ?? {}).toSorted()).toEqual(labels);
    await edge.client.remove("Network", "demo", "busy");
  });

  it("answers a repeated request once, and another one under its key never", async () => {
    const key = { "idempotency-key": "one" };
    const first = await put("once", network("once"), { ...key, "if-none-match": "*" });
    const again = await put("once", network("once"), { ...key, "if-none-match": "*" });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect((await refusalOf(await put("once", { spec: {} }, key))).status).toBe(422);
    await edge.client.remove("Network", "demo", "once");
  });
});

describe("a watch", () => {
  it("tells what is there, then each change, also of a status, then the end", async () => {
    const created = await edge.client.apply([network("seen")]);
    expect(created.documents[0]).toMatchObject({ kind: "Network", name: "seen", change: "created" });
    const { uid } = (await edge.client.get("Network", "demo", "seen")).metadata;
    const stop = new AbortController();
    const told: string[] = [];
    const key = recordKey("network", "demo", "seen");
    for await (const event of edge.client.watch("Network", "demo", undefined, stop.signal)) {
      if (event.type === "SYNCED") {
        told.push("SYNCED");
        await edge.bus.put("stitched", key, stitchedNetwork("seen", uid));
        continue;
      }
      const [ready] = event.item.status.conditions;
      told.push(`${event.type} ${ready?.status}`);
      if (event.type === "MODIFIED") await edge.client.remove("Network", "demo", "seen");
      if (event.type === "DELETED") break;
    }
    expect(told).toEqual(["ADDED False", "SYNCED", "MODIFIED True", "DELETED True"]);
    await edge.bus.remove("stitched", key);
  });

  it("ends a wait as soon as its condition holds", async () => {
    await edge.client.apply([network("awaited")]);
    const { uid } = (await edge.client.get("Network", "demo", "awaited")).metadata;
    const key = recordKey("network", "demo", "awaited");
    const ready = edge.client.ready("Network", "demo", "awaited", AbortSignal.timeout(5000));
    await edge.bus.put("stitched", key, stitchedNetwork("awaited", uid));
    expect((await ready).metadata.uid).toBe(uid);

    await edge.client.remove("Network", "demo", "awaited");
    const deleted = edge.client.deleted("Network", "demo", "awaited", AbortSignal.timeout(5000));
    expect(await edge.client.remains("Network", "demo", "awaited")).toEqual(["its part of the network"]);
    await edge.bus.remove("stitched", key);
    await deleted;
  });

  it("of what is not there fails at once", async () => {
    await expect(edge.client.ready("Network", "demo", "never")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("lists", () => {
  it("tell nodes from the records, and services from Consul", async () => {
    await edge.bus.put("nodes", "node-1", node("node-1"));
    for await (const event of edge.client.watchNodes(AbortSignal.timeout(5000)))
      if (event.type === "ADDED") break;
    expect(await edge.client.nodes()).toMatchObject([
      { name: "node-1", state: "unknown", allocated: { cpu: 0, memory: 0 } },
    ]);
    const services = await edge.client.services();
    expect(services.map(({ name, state }) => [name, state])).toContainEqual(["gateway", "passing"]);
    expect(await edge.client.functions()).toMatchObject([{ name: "firewall" }]);
  });

  it("begin with an index, which needs no token", async () => {
    const index: unknown = await (await edge.fetch("/")).json();
    expect(index).toMatchObject({ name: "Weft", reader: "/docs" });
    const api: unknown = await (await edge.fetch("/v1")).json();
    expect(api).toMatchObject({ paths: expect.arrayContaining(["/v1/apply", "/v1/events"]) });
  });

  it("describe the API in OpenAPI 3.1, every path of it", async () => {
    const OpenApi = z.object({ openapi: z.literal("3.1.0"), paths: z.record(z.string(), z.unknown()) });
    const { paths } = OpenApi.parse(await (await edge.fetch("/openapi.json")).json());
    expect(Object.keys(paths)).toContain("/v1/tenants/{tenant}/chains/{name}");
  });
});
