import { once } from "node:events";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readNow, writeNow } from "./socket-file.ts";

let server: net.Server;
let [here, there]: [net.Socket, net.Socket] = [new net.Socket(), new net.Socket()];

beforeEach(async () => {
  server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  here = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  here.pause();
  await once(here, "connect");
  [there] = (await accepted) as [net.Socket];
});
afterEach(() => {
  for (const socket of [here, there]) socket.destroy();
  server.close();
});

describe("a socket that was paused before it connected", () => {
  const buffer = Buffer.alloc(1_000);
  const written = (text: string) => new Promise((resolve) => there.write(text, resolve));

  it("has nothing, then what came since, then its end; nothing comes by itself", async () => {
    const byItself: unknown[] = [];
    here.on("readable", () => byItself.push("readable")).on("end", () => byItself.push("end"));
    here.pause();
    expect(readNow(here, buffer)).toBeUndefined();
    await written("one ");
    await written("two");
    expect(buffer.toString("utf8", 0, readNow(here, buffer))).toBe("one two");
    const ended = once(there, "finish");
    there.end();
    await ended;
    expect(readNow(here, buffer)).toBe(0);
    expect(byItself).toEqual([]);
  });

  it("takes what is written at once, all or nothing, and is broken after its end", async () => {
    there.pause();
    expect(writeNow(here, "ünïcode")).toBe("all");
    const [text] = (await once(there.resume(), "data")) as [Buffer];
    expect(text.toString("utf8")).toBe("ünïcode");
    there.pause();
    const much = "x".repeat(65_536);
    while (writeNow(here, much) === "all");
    expect(writeNow(here, much)).toBe("nothing");
    here.destroy();
    expect([writeNow(here, "x"), readNow(here, buffer)]).toEqual(["broken", 0]);
  });
});
