import { describe, expect, it } from "vitest";
import { serverEvents } from "./sse.ts";

async function read(...chunks: (string | Uint8Array)[]) {
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  async function* body() {
    yield* bytes;
  }
  const events = [];
  for await (const event of serverEvents(body())) events.push(event);
  return events;
}

describe("a body of server-sent events", () => {
  it("is read event by event", async () => {
    expect(await read("event: ADDED\ndata: 1\n\nevent: SYNCED\ndata: {}\n\n")).toEqual([
      { event: "ADDED", data: "1" },
      { event: "SYNCED", data: "{}" },
    ]);
  });

  it("has ids where the sender gives them", async () => {
    expect(await read("id: 7\nevent: EVENT\ndata: 1\n\n")).toEqual([{ event: "EVENT", data: "1", id: "7" }]);
  });

  it("may be cut anywhere, also within a character", async () => {
    const bytes = new TextEncoder().encode("event: A\ndata: ü\n\n");
    expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([{ event: "A", data: "ü" }]);
  });

  it("has comments, which say nothing", async () => {
    expect(await read(": \n\n", "data: x\n\n", ": \n\n")).toEqual([{ event: "message", data: "x" }]);
  });

  it("drops what was cut off at its end", async () => {
    expect(await read("data: x\n\ndata: y")).toEqual([{ event: "message", data: "x" }]);
  });
});
