import { describe, expect, it } from "vitest";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { ConnectionLost, ProtocolError } from "./rpc-error.ts";
import { RpcSession } from "./session.ts";

function world({ queued = 0 } = {}) {
  const written: unknown[] = [];
  const notified: unknown[] = [];
  const session = new RpcSession({
    write: (text) => void written.push(JSON.parse(text)),
    onNotification: (method, params) => void notified.push([method, ...params]),
    queuedBytes: () => queued,
    limits: { maxMessageBytes: 1_000, maxDepth: 8, maxQueuedBytes: 100, maxInFlight: 3 },
  });
  const receive = (...messages: unknown[]): void =>
    session.receive(new TextEncoder().encode(messages.map((message) => JSON.stringify(message)).join("")));
  return { session, written, notified, receive };
}

describe("a session", () => {
  it("matches answers to requests in any order", async () => {
    const { session, written, receive } = world();
    const answers = Promise.all([session.request("a", [1]), session.request("b", [])]);
    expect(written).toEqual([
      { id: 1, method: "a", params: [1] },
      { id: 2, method: "b", params: [] },
    ]);
    receive({ id: 2, result: "B", error: null }, { id: 1, result: "A", error: null });
    await expect(answers).resolves.toEqual(["A", "B"]);
  });

  it("hands on notifications before a later answer", async () => {
    const { session, notified, receive } = world();
    const answer = session.request("transact", []).then(() => notified.length);
    receive({ id: null, method: "update", params: ["m", {}] }, { id: 1, result: [], error: null });
    await expect(answer).resolves.toBe(1);
  });

  it("answers echo with its parameters and nothing else that is asked", () => {
    const { written, receive } = world();
    receive({ id: "x", method: "echo", params: [1, "a"] }, { id: 7, method: "steal", params: [] });
    expect(written).toEqual([
      { id: "x", result: [1, "a"], error: null },
      { id: 7, result: null, error: { error: "unknown method", details: "steal" } },
    ]);
  });

  it.each([
    ["bare text", "unknown method"],
    ["an error object", { error: "unknown method", details: "d" }],
  ])("rejects with what the server refused: %s", async (_, error) => {
    const { session, receive } = world();
    const answer = session.request("a", []);
    receive({ id: 1, result: null, error });
    await expect(answer).rejects.toMatchObject({ code: "unknown method" });
    await expect(answer).rejects.toBeInstanceOf(OvsdbError);
  });

  it("fails requests in flight as of unknown outcome and later ones as not sent", async () => {
    const { session } = world();
    const answer = session.request("a", []);
    session.end(new Error("cut"));
    await expect(answer).rejects.toMatchObject({
      code: "connection lost",
      outcome: "unknown",
      retryable: true,
    });
    await expect(answer).rejects.toThrow("whether the request was carried out is unknown");
    const later = session.request("a", []);
    await expect(later).rejects.toBeInstanceOf(ConnectionLost);
    await expect(later).rejects.toMatchObject({ outcome: "not sent" });
  });

  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

  it.each<[string, unknown, string]>([
    ["too deep", nested(7), "nested more than 8 deep"],
    ["too deep for any stack", Array.from({ length: 100_000 }).reduce((inner) => [inner], 1), "nested more"],
    ["too long", "x".repeat(1_000), "more than 1000 bytes"],
    ["too long in bytes only", "€".repeat(400), "more than 1000 bytes"],
  ])("does not send what is %s, and goes on", async (_, param, complaint) => {
    const { session, written, receive } = world();
    const refused = session.request("a", [param]);
    await expect(refused).rejects.toMatchObject({ code: "limit", retryable: false });
    await expect(refused).rejects.toThrow(complaint);
    const answer = session.request("b", [nested(6)]);
    expect(written).toHaveLength(1);
    receive({ id: 1, result: "B", error: null });
    await expect(answer).resolves.toBe("B");
  });

  it("accepts no more requests than may be in flight, until one is answered", async () => {
    const { session, receive } = world();
    const answers = [1, 2, 3].map((param) => session.request("a", [param]));
    await expect(session.request("a", [4])).rejects.toMatchObject({ code: "limit", retryable: true });
    receive({ id: 1, result: 1, error: null });
    await answers[0];
    const fifth = session.request("a", [5]);
    receive({ id: 4, result: 5, error: null });
    await expect(fifth).resolves.toBe(5);
  });

  it("neither asks nor answers while too much waits for the network", async () => {
    const { session, written, receive } = world({ queued: 101 });
    await expect(session.request("a", [])).rejects.toMatchObject({ code: "limit", retryable: true });
    expect(() => receive({ id: "x", method: "echo", params: [] })).toThrow("more requests than it reads");
    expect(written).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["an answer to nothing", { id: 9, result: 1, error: null }],
    ["an answer without id", { result: 1, error: null }],
    ["a request without method", { id: 1, method: 5 }],
    ["no object", [1]],
  ])("refuses a peer that sends %s", (_, message) => {
    expect(() => world().receive(message)).toThrow(ProtocolError);
  });
});
