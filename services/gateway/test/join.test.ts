/** Tokens, joining and removal at the edge: on a real bus, with the real intent service behind it. */
import { request } from "node:http";
import { WeftClient } from "@weft/client";
import type { NodeRecord } from "@weft/schemas";
import { nodeAccessKey, nodeHealthKey } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge, token } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

let hosts = 0;
const host = () => {
  hosts += 1;
  return { name: `host-${hosts}`, address: `198.51.100.${hosts}` };
};

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(new URL(path, edge.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** Everything that weft_access holds, as text. */
async function accessRecords(): Promise<string> {
  const view = await edge.bus.view("access");
  const text = JSON.stringify([...view.entries()]);
  await view.close();
  return text;
}

async function putNode(name: string, state: "ready" | "lost"): Promise<void> {
  const record: NodeRecord = {
    name,
    address: "192.0.2.9",
    chassis: name,
    runtimes: ["namespace"],
    capacity: { cpu: 2, memory: 1e9 },
    datapath: "netdev",
    ovsVersion: "3.1",
    incarnation: "1",
    startedAt: "2030-01-01T00:00:00.000Z",
  };
  const since = record.startedAt;
  await edge.bus.put("health", nodeHealthKey(name), {
    kind: "node",
    name,
    state,
    incarnation: "1",
    reason: "Test",
    message: "",
    since,
  });
  await edge.bus.put("nodes", name, record);
}

describe("a join token", () => {
  it("is given to who has the gateway's token, and to nobody else", async () => {
    expect(await post("/v1/nodes/tokens", {})).toMatchObject({ status: 401 });
    const given = await edge.client.nodeToken({ ttlSeconds: 60 });
    expect(given.token).toMatch(/^weft-join\.[0-9a-f]{12}\.[A-Za-z0-9_-]{43}$/);
  });

  it("stands nowhere but in the answer: the record has its hash", async () => {
    const { token: text } = await edge.client.nodeToken();
    const [, id = "?", secret = "?"] = text.split(".");
    const records = await accessRecords();
    expect(records).toContain(id);
    expect(records).not.toContain(secret);
  });

  it("lets one of many hosts in that come with it at once", async () => {
    const { token: text } = await edge.client.nodeToken();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post("/v1/join", { token: text, ...host() })),
    );
    const inside = answers.filter(({ status }) => status === 201);
    const outside = answers.filter(({ status }) => status !== 201);
    expect(inside).toHaveLength(1);
    for (const { status, body } of outside) expect([status, body["code"]]).toEqual([403, "token-refused"]);
    const members = (await accessRecords()).match(/"kind":"node"/g) ?? [];
    expect(members).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ["no token", () => Promise.resolve("nonsense"), /This is no join token/],
    [
      "one that nobody gave",
      () => Promise.resolve(`weft-join.abc.${"x".repeat(43)}`),
      /Nobody gave out this token/,
    ],
    [
      "a wrong secret",
      async () => (await edge.client.nodeToken()).token.replace(/.{8}$/, "AAAAAAAA"),
      /Nobody gave out this token/,
    ],
    [
      "a used one",
      async () => {
        const { token: text } = await edge.client.nodeToken();
        await edge.client.join({ token: text, ...host() });
        return text;
      },
      /joined with this token/,
    ],
    [
      "an expired one",
      async () => {
        const { token: text, expiresAt } = await edge.client.nodeToken({ ttlSeconds: 1 });
        await eventually("it has expired", async () => Date.now() > Date.parse(expiresAt));
        return text;
      },
      /expired at/,
    ],
  ])("%s is refused and changes nothing", async (_, give, detail) => {
    const text = await give();
    const before = await accessRecords();
    expect(await post("/v1/join", { token: text, ...host() })).toMatchObject({
      status: 403,
      body: { code: "token-refused", detail: expect.stringMatching(detail) },
    });
    expect(await accessRecords()).toBe(before);
  });
});

describe("a host that joined", () => {
  it("is told where everything is, and reads itself by its credential alone", async () => {
    const { token: text } = await edge.client.nodeToken();
    const wish = host();
    const { credential, settings, node } = await edge.client.join({ token: text, ...wish });
    expect(node).toBe(wish.name);
    expect(settings).toMatchObject({ southbound: "tcp:198.51.100.1:6642", underlayMtu: 9000 });
    const member = new WeftClient({ url: edge.url, token: credential });
    expect(await member.member()).toEqual({ node, settings, row: null, incarnation: null });
    await expect(edge.client.member()).rejects.toMatchObject({ code: "unauthorized" });
    await expect(member.nodes()).rejects.toMatchObject({ code: "unauthorized" });
    expect(await accessRecords()).not.toContain(credential.split(".")[2]);
  });

  it("is shut out once it is removed", async () => {
    const { token: text } = await edge.client.nodeToken();
    const wish = host();
    const { credential } = await edge.client.join({ token: text, ...wish });
    const member = new WeftClient({ url: edge.url, token: credential });
    await edge.client.removeNode(wish.name);
    await eventually("the gateway knows", async () =>
      member.member().then(
        () => false,
        (error: { code?: string }) => error.code === "forbidden",
      ),
    );
    // Its name is free again: nothing of it ever stood in weft_nodes.
    const again = await edge.client.nodeToken();
    expect(await edge.client.join({ token: again.token, ...wish })).toMatchObject({ node: wish.name });
  });

  it("does not get the name of a live node, and of a lost one by a token for it alone", async () => {
    await putNode("alive", "ready");
    await putNode("gone", "lost");
    const any = await edge.client.nodeToken();
    const bound = await edge.client.nodeToken({ node: "gone" });
    const join = (text: string, name: string) =>
      edge.client.join({ token: text, name, address: "198.51.100.200" });
    await expect(join(any.token, "alive")).rejects.toMatchObject({ code: "name-taken" });
    await expect(join(any.token, "gone")).rejects.toMatchObject({ code: "name-taken" });
    await expect(join(bound.token, "other")).rejects.toMatchObject({ code: "token-refused" });
    expect(await join(bound.token, "gone")).toMatchObject({ node: "gone" });
  });

  it("what a removed and lost node left in the records is cleared away", async () => {
    await putNode("dead", "lost");
    await edge.client.removeNode("dead");
    await eventually("its record is gone", async () =>
      (await edge.client.nodes()).every(({ name }) => name !== "dead"),
    );
    await expect(edge.client.removeNode("dead")).rejects.toMatchObject({ code: "not-found" });
    const view = await edge.bus.view("access");
    expect(view.get(nodeAccessKey("dead"))?.value).toMatchObject({ removedAt: expect.any(String) });
  });
});

describe("the address where hosts join", () => {
  it("answers who joins, and nothing else to anybody", async () => {
    const url = new URL(edge.url);
    const ask = (path: string, method: string, host: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host, authorization: `Bearer ${token}`, "content-type": "application/json" };
        const at = { hostname: "127.0.0.2", port: url.port, path, method, headers };
        request(at, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        })
          .on("error", reject)
          .end(method === "POST" ? "{}" : undefined);
      });
    const own = `127.0.0.2:${url.port}`;
    expect(await ask("/v1/nodes", "GET", own)).toBe(403);
    expect(await ask("/healthz", "GET", own)).toBe(403);
    expect(await ask("/v1/nodes/tokens", "POST", own)).toBe(403);
    expect(await ask("/v1/member", "GET", own)).toBe(401);
    expect(await ask("/v1/join", "POST", own)).toBe(400);
    expect(await ask("/v1/join", "POST", "evil.example")).toBe(403);
  });
});
