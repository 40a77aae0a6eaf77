import { appendFileSync, fstatSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PingOutput } from "./ping-output.ts";

const reply = (seconds: number) =>
  `[${seconds}.250000] 64 bytes from 100.64.1.128: icmp_seq=1 ttl=63 time=1 ms\n`;

describe("what a ping wrote", () => {
  it("tells of the last reply since it was asked before", () => {
    using output = new PingOutput(() => true);
    expect(output.lastReplyAtMs()).toBeUndefined();
    appendFileSync(
      output.file,
      `PING 100.64.1.128\n${reply(100)}${reply(101)}no answer yet for icmp_seq=3\n`,
    );
    expect(output.lastReplyAtMs()).toBe(101_250);
    expect(output.lastReplyAtMs()).toBeUndefined();
  });

  it("is read as lines, though one was not whole yet", () => {
    using output = new PingOutput(() => true);
    appendFileSync(output.file, reply(100).slice(0, 30));
    expect(output.lastReplyAtMs()).toBeUndefined();
    appendFileSync(output.file, reply(100).slice(30));
    expect(output.lastReplyAtMs()).toBe(100_250);
  });

  it("is thrown away once it was read, and nothing of what follows is lost", () => {
    using output = new PingOutput(() => true);
    for (let seconds = 100; seconds < 3_100; seconds += 1) {
      appendFileSync(output.file, reply(seconds));
      expect(output.lastReplyAtMs()).toBe(seconds * 1_000 + 250);
    }
    expect(fstatSync(output.file).size).toBeLessThan(70_000);
  });

  it("is told of by the kernel until it was wanted no more", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let times = 0;
    using output = new PingOutput(() => {
      times += 1;
      if (output.lastReplyAtMs() === undefined) return false;
      resolve();
      return true;
    });
    appendFileSync(output.file, "PING 100.64.1.128\n");
    appendFileSync(output.file, reply(100));
    await promise;
    expect(times).toBeGreaterThan(0);
  });
});
