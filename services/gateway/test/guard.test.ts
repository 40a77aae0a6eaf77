/** Who may call the gateway: token, Host and Origin, on requests and on upgrades. */
import http from "node:http";
import { Refusal } from "@weft/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge, token } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

/** fetch sets Host and Origin by itself; a hostile page's browser does not. */
function statusWith(headers: Record<string, string>, target = "/v1/nodes"): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(edge.url);
    const options = {
      hostname,
      port,
      path: target,
      headers: { authorization: `Bearer ${token}`, ...headers },
    };
    http
      .get(options, (response) => resolve((response.resume(), response.statusCode ?? 0)))
      .on("error", reject);
  });
}

describe("who may call", () => {
  it("wants the token on every path but those that a probe reads", async () => {
    for (const target of ["/v1/nodes", "/v1/apply", "/v1/nothing", "/v1/tenants/demo/workloads/w/exec"]) {
      const refusal = Refusal.parse(await (await fetch(new URL(target, edge.url))).json());
      expect(refusal).toMatchObject({ status: 401, code: "unauthorized" });
    }
    for (const target of ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
      expect((await fetch(new URL(target, edge.url))).status, target).toBe(200);
  });

  it("takes no other token, however much of it is right", async () => {
    for (const wrong of ["", "x", "a-token-for-tests-onlz", "a-token-for-tests-only2"])
      expect((await edge.fetch("/v1/nodes", { headers: { authorization: `Bearer ${wrong}` } })).status).toBe(
        401,
      );
  });

  const port = () => new URL(edge.url).port;
  it("answers only for its own names", async () => {
    for (const host of [
      `localhost:${port()}`,
      `127.0.0.1:${port()}`,
      `[::1]:${port()}`,
      "weft.example",
      `WEFT.example:${port()}`,
    ])
      expect(await statusWith({ host }), host).toBe(200);
    for (const host of [`evil.example:${port()}`, "localhost", "localhost:1", `weft.example.evil:${port()}`])
      expect(await statusWith({ host }), host).toBe(403);
    expect(await statusWith({ host: "evil.example" }, "/healthz")).toBe(403);
  });

  it("refuses pages of other origins, and sockets opened by them", async () => {
    expect(await statusWith({ origin: edge.url })).toBe(200);
    for (const origin of ["http://evil.example", "null", `http://localhost:1`])
      expect(await statusWith({ origin }), origin).toBe(403);
    const upgrade = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    expect(
      await statusWith({ ...upgrade, origin: "http://evil.example" }, "/v1/tenants/demo/workloads/w/exec"),
    ).toBe(403);
  });
});
