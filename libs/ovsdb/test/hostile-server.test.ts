import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../src/index.ts";
import { OvsdbClient } from "../src/index.ts";

/** A server that answers the first echo, as every connection begins, and then does its worst. */
async function hostile(worst: (socket: Socket) => void) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "ovsdb-")), (made) =>
    rm(made, { recursive: true }),
  );
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (chunk: Buffer) => {
      const { id } = JSON.parse(chunk.toString()) as { readonly id: unknown };
      socket.write(JSON.stringify({ id, result: [], error: null }));
      worst(socket);
    });
  });
  server.listen(join(folder, "sock"));
  await once(server, "listening");
  stack.defer(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  const owned = stack.move();
  return { remote: `unix:${folder}/sock`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Writes the same again whenever the other end took it, for as long as that goes. */
function flood(socket: Socket, text: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text)) {
      // Until the buffer is full.
    }
  };
  socket.on("drain", more);
  more();
}

const limits: Partial<ClientOptions> = {
  connectTimeoutMs: 1_000,
  backoff: { minDelayMs: 200, maxDelayMs: 200 },
  maxMessageBytes: 4 * 1024 * 1024,
  maxQueuedBytes: 256 * 1024,
};

describe("a hostile server", () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ["nests without end", (socket) => flood(socket, "[".repeat(10_000)), "nested more than 100 deep"],
    [
      "nests deeply in one message",
      (socket) => void socket.write(`{"id":null,"method":"update","params":${"[".repeat(3e6)}`),
      "nested more than 100 deep",
    ],
    [
      "never ends a message",
      (socket) => {
        socket.write('["');
        flood(socket, "x".repeat(10_000));
      },
      "more than 4194304 bytes",
    ],
    [
      "asks for echoes and reads none",
      (socket) => {
        socket.pause();
        flood(socket, JSON.stringify({ id: 1, method: "echo", params: ["x".repeat(10_000)] }));
      },
      "more requests than it reads answers to",
    ],
    ["speaks in tongues", (socket) => void socket.write("HTTP/1.1 400 Bad Request"), "begins with byte 0x48"],
  ])("is left within bounds: it %s", async (_, worst, complaint) => {
    await using server = await hostile(worst);
    await expect(OvsdbClient.connect({ remote: server.remote, ...limits })).rejects.toThrow(complaint);
  });
});
