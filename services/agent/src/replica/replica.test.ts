/** What is told of connections, kept and put into another kernel: lines as conntrack 1.4.7 prints them, and what peers make of them. */
import type { TrackedTold } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { loadText } from "./conntrack-text.ts";
import { Replica } from "./replica.ts";
import { TrackedTable } from "./tracked-table.ts";

const marks = { client: 1, server: 2 };
const memory = {
  tracked: marks,
  seconds: { established: 7_500, closing: 120, datagrams: 300, others: 600 },
};
const line = (event: string, state: string, more = "mark=1") =>
  ` [${event}] tcp      6 120 ${state} src=10.1.0.3 dst=10.2.0.9 sport=4001 dport=80 src=10.2.0.9 dst=10.1.0.3 sport=80 dport=4001 ${more}`;
const flow: [string, string, number, number, number] = ["10.1.0.3", "10.2.0.9", 6, 4001, 80];
const established = { flow, openedBy: "client", state: "ESTABLISHED" } as const;

function tableOf(...lines: string[]): TrackedTable {
  const table = new TrackedTable(marks);
  for (const each of lines) table.event(each);
  return table;
}

describe("a table of what a shard tracks", () => {
  it("tells what became of a connection in the end, and each thing once", () => {
    const table = tableOf(line("NEW", "SYN_SENT", "[UNREPLIED] mark=1"));
    expect(table.untold()).toEqual({ come: [], gone: [] });
    table.event(line("UPDATE", "SYN_RECV"));
    table.event(line("UPDATE", "ESTABLISHED", "[ASSURED] mark=1"));
    expect(table.untold()).toEqual({ come: [established], gone: [] });
    table.event(line("UPDATE", "ESTABLISHED", "[ASSURED] mark=1"));
    expect(table.untold()).toEqual({ come: [], gone: [] });
    table.event(line("UPDATE", "TIME_WAIT", "[ASSURED] mark=1"));
    table.event(line("DESTROY", "TIME_WAIT"));
    expect(table.untold()).toEqual({ come: [], gone: [flow] });
  });

  it.each([
    ["a probe's, which has no mark", line("NEW", "ESTABLISHED", "[ASSURED] mark=0")],
    ["one that nobody answered", line("NEW", "SYN_SENT", "[UNREPLIED] mark=1")],
    [
      "a datagram that nobody answered",
      " [NEW] udp      17 30 src=10.1.0.3 dst=10.2.0.9 sport=4 dport=5 [UNREPLIED] src=10.2.0.9 dst=10.1.0.3 sport=5 dport=4 mark=1",
    ],
    [
      "one whose address the function changes",
      line("NEW", "ESTABLISHED").replace("src=10.2.0.9", "src=10.9.9.9"),
    ],
    ["what is no connection", "conntrack v1.4.7 (conntrack-tools): 1 flow events have been shown."],
  ])("tells nothing of %s", (_, text) => {
    expect(tableOf(text).untold()).toEqual({ come: [], gone: [] });
  });

  it("puts the client first, whichever end opened it", () => {
    const text =
      "    [NEW] udp      17 120 src=fd02::9 dst=fd01::3 sport=53 dport=99 src=fd01::3 dst=fd02::9 sport=99 dport=53 [ASSURED] mark=2";
    const told = { flow: ["fd01::3", "fd02::9", 17, 99, 53], openedBy: "server", state: "REPLIED" };
    expect(tableOf(text).untold().come).toEqual([told]);
  });

  it("takes from a listing what events have missed, and nothing that they know better", () => {
    const table = tableOf(line("UPDATE", "ESTABLISHED", "[ASSURED] mark=1"));
    const other = line("", "ESTABLISHED", "[ASSURED] mark=1").replace(" [] ", "").replaceAll("4001", "4002");
    const late = other.replaceAll("4002", "4003");
    table.untold();
    table.listing();
    table.event(line("DESTROY", "TIME_WAIT").replaceAll("4001", "4003"));
    table.listed(`${other}\n${late}\n`);
    expect(table.untold()).toEqual({
      come: [{ ...established, flow: ["10.1.0.3", "10.2.0.9", 6, 4002, 80] }],
      gone: [flow],
    });
  });
});

describe("what is loaded", () => {
  it("is the same connection with its mark, from whoever opened it", () => {
    const server = { ...established, openedBy: "server", state: "FIN_WAIT" } as const;
    expect(loadText([established, server], memory).split("\n")).toEqual([
      "-A -t 7500 -u SEEN_REPLY,ASSURED -s 10.1.0.3 -d 10.2.0.9 -p tcp --sport 4001 --dport 80 --state ESTABLISHED -m 1",
      "-A -t 120 -u SEEN_REPLY,ASSURED -s 10.2.0.9 -d 10.1.0.3 -p tcp --sport 80 --dport 4001 --state FIN_WAIT -m 2",
      "",
    ]);
  });

  it("is refused where an address is none", () => {
    const evil = { ...established, flow: ["10.1.0.3 -F", "10.2.0.9", 6, 1, 2] } as const;
    expect(() => loadText([{ ...evil, flow: [...evil.flow] }], memory)).toThrow("not an address");
  });
});

describe("what a peer keeps", () => {
  const told = (change: Partial<TrackedTold>): TrackedTold => ({
    shard: "fw-0",
    life: "a",
    run: "r",
    number: 1,
    whole: false,
    follow: 0,
    come: [],
    gone: [],
    ...change,
  });
  const all = { slots: [3], affinity: "client" } as const;
  const begun = () => {
    const replica = new Replica();
    replica.take(told({ whole: true, come: [established] }), 0);
    return replica;
  };
  const flowsAt = (replica: Replica, nowMs = 1) => replica.flowsOf(all, { nowMs }).map((each) => each.flow);

  it("is asked for as a whole by who has not heard the beginning, or missed something", () => {
    expect(new Replica().take(told({ number: 7 }), 0)).toBe(false);
    const replica = begun();
    expect(replica.take(told({ number: 2 }), 0)).toBe(true);
    expect(replica.take(told({ number: 4 }), 0)).toBe(false);
    expect(replica.isWhole).toBe(false);
    expect(replica.take(told({ number: 5, whole: true, follow: 1 }), 0)).toBe(true);
    expect([replica.isWhole, replica.size]).toEqual([false, 0]);
    replica.take(told({ number: 6, come: [established] }), 0);
    expect([replica.isWhole, replica.size]).toEqual([true, 1]);
  });

  it("is of the slots that are asked for, as last told", () => {
    const replica = begun();
    expect(flowsAt(replica)).toEqual([flow]);
    expect(replica.flowsOf({ ...all, slots: [4] }, { nowMs: 1 })).toEqual([]);
    replica.take(told({ number: 2, gone: [flow] }), 0);
    expect(flowsAt(replica)).toEqual([]);
  });

  it("is there for a while after the shard was made anew, until it has flows again", () => {
    const replica = begun();
    replica.take(told({ life: "b", run: "s", whole: true }), 1_000);
    expect(flowsAt(replica, 2_000)).toEqual([flow]);
    expect(flowsAt(replica, 60_000)).toEqual([]);
    const newer = { ...established, flow: ["10.1.0.3", "10.2.0.9", 6, 5, 80] } satisfies typeof established;
    replica.take(told({ life: "b", run: "s", number: 2, come: [newer] }), 1_500);
    expect(flowsAt(replica, 2_000)).toEqual([newer.flow]);
  });

  it("tells the shard itself what it knew in another namespace, and nothing of this one", () => {
    const replica = begun();
    expect(replica.flowsOf(all, { nowMs: 1, notLife: "a" })).toEqual([]);
    expect(replica.flowsOf(all, { nowMs: 1, notLife: "b" })).toHaveLength(1);
    replica.take(told({ life: "b", run: "s", whole: true }), 1_000);
    expect(replica.flowsOf(all, { nowMs: 2_000, notLife: "b" })).toHaveLength(1);
  });
});
