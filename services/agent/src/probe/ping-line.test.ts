import { describe, expect, it } from "vitest";
import { replyAtMs } from "./ping-line.ts";

describe("a line of ping", () => {
  it.each([
    ["[1767225600.250000] 64 bytes from 100.64.1.128: icmp_seq=1 ttl=63 time=0.123 ms", 1767225600250],
    ["[1767225601.500000] 64 bytes from fd77:0:0:1::80: icmp_seq=12 ttl=63 time=1.0 ms", 1767225601500],
    ["[1767225601.500000] no answer yet for icmp_seq=3", undefined],
    ["[1767225601.500000] From 100.64.0.2 icmp_seq=4 Destination Host Unreachable", undefined],
    ["PING 100.64.1.128 (100.64.1.128) 56(84) bytes of data.", undefined],
    ["12 packets transmitted, 12 received, 0% packet loss, time 2200ms", undefined],
  ])("%s: %s", (line, at) => {
    expect(replyAtMs(line)).toBe(at);
  });
});
