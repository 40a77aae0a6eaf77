/** What connection tracking prints, read as flows of the shim. Lines are those of conntrack 1.4.7. */
import { describe, expect, it } from "vitest";
import { trackedFlows } from "./tracked-flows.ts";

const tcp =
  "tcp      6 7437 ESTABLISHED src=10.8.1.12 dst=10.8.2.10 sport=40001 dport=7000 src=10.8.2.10 dst=10.8.1.12 sport=7000 dport=40001 [ASSURED] mark=0 use=1";
const udp =
  "udp      17 29 src=fd00:8::c dst=fd00:9::a sport=5000 dport=53 [UNREPLIED] src=fd00:9::a dst=fd00:8::c sport=53 dport=5000 mark=0 use=1";
const ping =
  "icmp     1 29 src=10.8.1.12 dst=10.8.2.10 type=8 code=0 id=7 src=10.8.2.10 dst=10.8.1.12 type=0 code=0 id=7 mark=0 use=1";
const other = "unknown  47 599 src=10.8.1.12 dst=10.8.2.10 src=10.8.2.10 dst=10.8.1.12 mark=0 use=1";
const all = [tcp, udp, ping, other, ""].join("\n");
const nobody = new Set<string>();

describe("flows that connection tracking has", () => {
  it("are keyed client first, without ports where the protocol has none", () => {
    expect(trackedFlows(all, { slots: new Set([12]), self: nobody })).toEqual([
      ["10.8.1.12", "10.8.2.10", 6, 40_001, 7_000],
      ["fd00:8::c", "fd00:9::a", 17, 5_000, 53],
      ["10.8.1.12", "10.8.2.10", 1, 0, 0],
      ["10.8.1.12", "10.8.2.10", 47, 0, 0],
    ]);
  });

  it("are those of slots that had no room alone: of one that the server began, the client is its target", () => {
    const begunByServer =
      "tcp 6 9 ESTABLISHED src=10.8.2.10 dst=10.8.1.12 sport=1 dport=2 src=10.8.1.12 dst=10.8.2.10 sport=2 dport=1";
    expect(trackedFlows(begunByServer, { slots: new Set([12]), self: nobody })).toEqual([
      ["10.8.1.12", "10.8.2.10", 6, 2, 1],
    ]);
    expect(trackedFlows(all, { slots: new Set([13]), self: nobody })).toEqual([]);
  });

  it("of a function that rewrites have another key for what comes back", () => {
    const rewritten =
      "tcp 6 9 ESTABLISHED src=10.8.1.12 dst=10.8.9.9 sport=1 dport=80 src=10.8.2.10 dst=10.8.1.12 sport=8080 dport=1";
    expect(trackedFlows(rewritten, { slots: new Set([12]), self: nobody })).toEqual([
      ["10.8.1.12", "10.8.9.9", 6, 1, 80],
      ["10.8.1.12", "10.8.2.10", 6, 1, 8080],
    ]);
  });

  it("are none of the shard's own", () => {
    expect(trackedFlows(all, { slots: new Set([12]), self: new Set(["10.8.2.10", "fd00:9::a"]) })).toEqual(
      [],
    );
  });
});
