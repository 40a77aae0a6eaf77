import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { startConsul } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { CheckLine } from "../src/check-line.ts";

const unavailable = { code: "unavailable" };

describe("a check on a real Consul", () => {
  it("is passed again and again, and refused once Consul does not know it", async () => {
    await using consul = await startConsul();
    const agent = (path: string, body?: object) =>
      fetch(`${consul.url}/v1/agent/check/${path}`, { method: "PUT", body: JSON.stringify(body ?? {}) });
    const output = async () => {
      const answer = await fetch(`${consul.url}/v1/agent/checks`);
      return JSON.stringify(await answer.json());
    };
    await agent("register", { ID: "weft:one two", Name: "one", TTL: "60s", Status: "critical" });
    using line = new CheckLine(consul.url, "weft:one two");
    expect(await output()).toContain('"Status":"critical"');
    await line.pass(2_000);
    expect(await output()).toContain('"Status":"passing"');
    await line.pass(2_000);
    await agent(`deregister/${encodeURIComponent("weft:one two")}`);
    await expect(line.pass(2_000)).rejects.toMatchObject(unavailable);
    await agent("register", { ID: "weft:one two", Name: "one", TTL: "60s", Status: "critical" });
    await line.pass(2_000);
    expect(await output()).toContain('"Status":"passing"');
  });
});

describe("a server that answers in other ways", () => {
  it("is called over one connection as long as it says a plain 200, and over another after anything else", async () => {
    const connections = new Set<unknown>();
    let calls = 0;
    const server = createServer((request, response) => {
      connections.add(request.socket);
      calls += 1;
      if (calls === 3) response.writeHead(500).end("no");
      else if (calls === 4) response.writeHead(200).end("more than nothing");
      else response.writeHead(200, { "content-length": 0 }).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    using line = new CheckLine(`http://127.0.0.1:${port}`, "one");
    await line.pass(2_000);
    await line.pass(2_000);
    expect(connections.size).toBe(1);
    await expect(line.pass(2_000)).rejects.toMatchObject(unavailable);
    await expect(line.pass(2_000)).rejects.toMatchObject(unavailable);
    await line.pass(2_000);
    expect(connections.size).toBe(3);
    server.closeAllConnections();
    server.close();
    await once(server, "close");
    await expect(line.pass(2_000)).rejects.toMatchObject(unavailable);
  });

  it("is given up when it does not answer in time", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    using line = new CheckLine(`http://127.0.0.1:${port}`, "one");
    await expect(line.pass(50)).rejects.toMatchObject(unavailable);
    server.closeAllConnections();
    server.close();
  });
});
