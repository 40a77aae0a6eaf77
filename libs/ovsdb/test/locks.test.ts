import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Lock } from "../src/index.ts";
import { OvnNorthbound, OvsdbClient, database } from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };

async function world() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await OvsdbServer.start({ schema: "ovn-northbound" }));
  const proxy = stack.use(await CuttingProxy.start(join(server.folder, "proxy.sock"), server.unix));
  const first = stack.use(await OvsdbClient.connect({ remote: proxy.remote, backoff }));
  const second = stack.use(await OvsdbClient.connect({ remote: server.tcp, backoff }));
  const owned = stack.move();
  return { server, proxy, first, second, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const write = (client: OvsdbClient, lock: Lock) =>
  client.transact(OvnNorthbound, [lock.assert(), nb.insert("Logical_Switch", { name: "guarded" })]);
const notOwner = { code: "not owner", operation: 0 };

describe("a lock", () => {
  it("is held by the first who asks, and passed on when it is released", async () => {
    await using at = await world();
    const mine = await at.first.lock("leader");
    const theirs = await at.second.lock("leader");
    expect([mine.held, theirs.held]).toEqual([true, false]);
    await write(at.first, mine);
    await expect(write(at.second, theirs)).rejects.toMatchObject(notOwner);
    await mine.release();
    await theirs.acquired();
    await write(at.second, theirs);
    await expect(write(at.first, mine)).rejects.toMatchObject(notOwner);
    expect([mine.held, theirs.held]).toEqual([false, true]);
    await mine.release();
  });

  it("can be stolen, is told so, and comes back when the thief is done", async () => {
    await using at = await world();
    const mine = await at.first.lock("leader");
    const told: boolean[] = [];
    mine.changed.subscribe(({ held }) => void told.push(held));
    const theirs = await at.second.steal("leader");
    expect(theirs.held).toBe(true);
    await vi.waitFor(() => expect(told).toEqual([false]), caughtUp);
    await expect(write(at.first, mine)).rejects.toMatchObject(notOwner);
    await theirs.release();
    await mine.acquired();
    expect(told).toEqual([false, true]);
    await write(at.first, mine);
  });

  it("goes with its connection to the next in the queue, and is queued for again", async () => {
    await using at = await world();
    const mine = await at.first.lock("leader");
    const theirs = await at.second.lock("leader");
    const lost = Promise.withResolvers<void>();
    mine.changed.subscribe(({ held }) => !held && lost.resolve());
    at.proxy.cut();
    await lost.promise;
    await theirs.acquired();
    await vi.waitFor(() => expect(at.first.remote).toBeDefined(), caughtUp);
    expect(mine.held).toBe(false);
    await expect(write(at.first, mine)).rejects.toMatchObject(notOwner);
    await theirs.release();
    await mine.acquired();
    await write(at.first, mine);
  });

  it("is held again over the next connection where nobody else wants it", async () => {
    await using at = await world();
    const mine = await at.first.lock("leader");
    const told: boolean[] = [];
    mine.changed.subscribe(({ held }) => void told.push(held));
    await at.server.down();
    await vi.waitFor(() => expect(told).toEqual([false]), caughtUp);
    const later = at.first.lock("other");
    await at.server.up();
    await mine.acquired();
    await write(at.first, mine);
    expect(told).toEqual([false, true]);
    expect((await later).name).toBe("other");
  });

  it("is as the newest notification says, though that came with the answer", async () => {
    await using at = await world();
    // The thief's notification rides in the same chunk as the answer to who asked.
    at.proxy.rewriteAnswer = (text) =>
      text.includes('"locked":true') ? `${text}{"id":null,"method":"stolen","params":["leader"]}` : text;
    const mine = await at.first.lock("leader");
    expect(mine.held).toBe(false);
  });

  it("is asked for once by one client, by a name that servers take", async () => {
    await using at = await world();
    await using lock = await at.first.lock("leader");
    await expect(at.first.steal("leader")).rejects.toThrow("asked for already");
    await expect(at.first.lock("no-name")).rejects.toMatchObject({ name: "OvsdbError" });
    await expect(at.first.lock("no-name")).rejects.toMatchObject({ name: "OvsdbError" });
    await at.second.close();
    await expect(at.second.lock("leader")).rejects.toMatchObject({ code: "closed" });
    expect(lock.held).toBe(true);
  });

  it("that never comes is given up with the client", async () => {
    await using at = await world();
    await at.first.lock("leader");
    const theirs = await at.second.lock("leader");
    const waiting = expect(theirs.acquired()).rejects.toMatchObject({ code: "closed" });
    await at.second.close();
    await waiting;
  });
});
