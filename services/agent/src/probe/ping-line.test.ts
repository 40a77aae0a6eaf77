import { describe, expect, it } from "vitest";
import { isReply } from "./ping-line.ts";

describe("a line of ping", () => {
  it.each([
    ["64 bytes from 100.64.1.128: icmp_seq=1 ttl=63 time=0.123 ms", true],
    ["64 bytes from fd77:0:0:1::80: icmp_seq=12 ttl=63 time=1.0 ms", true],
    ["no answer yet for icmp_seq=3", false],
    ["From 100.64.0.2 icmp_seq=4 Destination Host Unreachable", false],
    ["PING 100.64.1.128 (100.64.1.128) 56(84) bytes of data.", false],
    ["12 packets transmitted, 12 received, 0% packet loss, time 2200ms", false],
  ])("%s: %s", (line, reply) => {
    expect(isReply(line)).toBe(reply);
  });
});
