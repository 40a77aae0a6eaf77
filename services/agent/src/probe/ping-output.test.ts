import { appendFileSync, fstatSync } from "node:fs";
import { testClock } from "@weft/runtime";
import { describe, expect, it } from "vitest";
import { PingOutput } from "./ping-output.ts";

/** `reply`: as ping writes it when one comes at this moment. */
function ping(written = () => true) {
  const clock = testClock();
  const reply = () =>
    `[${(clock.now() / 1_000).toFixed(6)}] 64 bytes from 100.64.1.128: icmp_seq=1 ttl=63 time=1 ms\n`;
  return { clock, reply, output: new PingOutput(clock, written) };
}

describe("what a ping wrote", () => {
  it("tells of the last reply since it was asked before", async () => {
    const { clock, reply, output: made } = ping();
    using output = made;
    expect(output.lastReplyAtMs()).toBeUndefined();
    appendFileSync(output.file, `PING 100.64.1.128\n${reply()}`);
    await clock.advance(1_000);
    const atMs = clock.monotonicMs();
    appendFileSync(output.file, `${reply()}no answer yet for icmp_seq=3\n`);
    await clock.advance(250);
    expect(output.lastReplyAtMs()).toBe(atMs);
    expect(output.lastReplyAtMs()).toBeUndefined();
  });

  it("is read as lines, though one was not whole yet", () => {
    const { clock, reply, output: made } = ping();
    using output = made;
    appendFileSync(output.file, reply().slice(0, 30));
    expect(output.lastReplyAtMs()).toBeUndefined();
    appendFileSync(output.file, reply().slice(30));
    expect(output.lastReplyAtMs()).toBe(clock.monotonicMs());
  });

  it.each([
    ["forward", 5_000],
    ["forward", 86_400_000],
    ["back", -86_400_000],
  ])("came since it was read before, though the clock was set %s meanwhile by %d ms", async (_, ms) => {
    const { clock, reply, output: made } = ping();
    using output = made;
    await clock.advance(1_000);
    output.lastReplyAtMs();
    const sinceMs = clock.monotonicMs();
    await clock.advance(100);
    appendFileSync(output.file, reply());
    clock.setBy(ms);
    await clock.advance(50);
    const atMs = output.lastReplyAtMs() ?? Number.NaN;
    expect(atMs).toBeGreaterThanOrEqual(sinceMs);
    expect(atMs).toBeLessThanOrEqual(clock.monotonicMs());
  });

  it("is thrown away once it was read, and nothing of what follows is lost", async () => {
    const { clock, reply, output: made } = ping();
    using output = made;
    for (let replies = 0; replies < 3_000; replies += 1) {
      clock.setBy(1_000);
      appendFileSync(output.file, reply());
      expect(output.lastReplyAtMs()).toBe(clock.monotonicMs());
    }
    expect(fstatSync(output.file).size).toBeLessThan(70_000);
  });

  it("is told of by the kernel until it was wanted no more", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let times = 0;
    const { reply, output: made } = ping(() => {
      times += 1;
      if (made.lastReplyAtMs() === undefined) return false;
      resolve();
      return true;
    });
    using output = made;
    appendFileSync(output.file, "PING 100.64.1.128\n");
    appendFileSync(output.file, reply());
    await promise;
    expect(times).toBeGreaterThan(0);
  });
});
