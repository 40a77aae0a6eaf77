import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { call } from "./transport.ts";

describe("a server that takes the request and says nothing", () => {
  it("is given up at the deadline, and told from one that is not there", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const silent = { url: `http://127.0.0.1:${port}`, answerWithinMs: 100 };
    await expect(call(silent, "/v1")).rejects.toMatchObject({ code: "timeout", concerns: "gateway" });
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
    await expect(call(silent, "/v1")).rejects.toMatchObject({ code: "unavailable" });
  });
});
