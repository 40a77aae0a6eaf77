/** The order of a round, what a refused write ends, and what is told of slots outside. */
import type { StitchedRecord, SlotsRecord } from "@weft/schemas";
import { createLogTo } from "@weft/runtime";
import { describe, expect, it } from "vitest";
import type { StitcherStep } from "./execute-steps.ts";
import { executeSteps } from "./execute-steps.ts";
import type { RecordWrite } from "./ports.ts";
import { slotMapSteps } from "./slot-map.ts";
import { slotsEvents, stitchedEvents } from "./stitcher-events.ts";

const slots: SlotsRecord = {
  tenant: "demo",
  group: "fw",
  groupUid: "g",
  leaving: [],
  nextHandoff: 1,
  version: 3,
  owners: Array.from({ length: 256 }, () => "fw-0"),
  handoffs: [],
};
const stitched: StitchedRecord = {
  kind: "chain",
  tenant: "demo",
  name: "edge",
  uid: "c",
  generation: 1,
  state: "programmed",
  message: "",
  at: "2030-01-01T00:00:00.000Z",
};
const row = { key: "weft.demo.network.a", tenant: "demo", name: "weft.demo.network.a" };
const steps: StitcherStep[] = [
  { kind: "putStitched", key: "s1", record: stitched, ifRevision: 1, why: "" },
  { kind: "createSwitch", row, why: "" },
  { kind: "removeSlots", key: "gone", ifRevision: 4, why: "" },
  { kind: "putSlots", key: "demo.fw", record: slots, ifRevision: 2, why: "" },
];

async function carriedOut(given: readonly StitcherStep[], refuse = ""): Promise<string[]> {
  const done: string[] = [];
  const write = (name: string) => async (writes: readonly RecordWrite<unknown>[]) => {
    const of = ({ value }: RecordWrite<unknown>) => `${value === null ? "remove" : "put"}${name}`;
    for (const each of writes) if (of(each) !== refuse) done.push(`${of(each)} ${each.key}`);
    return new Set(writes.filter((each) => of(each) === refuse).map(({ key }) => key));
  };
  await executeSteps(given, {
    records: { writeSlots: write("Slots"), writeStitched: write("Stitched") },
    ovn: {
      claim: async (epoch) => void done.push(`claim ${epoch}`),
      rememberStore: async (store, epoch) => void done.push(`remember ${store} at ${epoch}`),
      commit: async (network, epoch) => void done.push(`commit ${network.length} at ${epoch}`),
    },
    epoch: () => 7,
    rise: async (above) => void done.push(`rise ${above}`),
    standStill: (why) => void done.push(`stand still: ${why}`),
    log: createLogTo("test", "silent", () => undefined),
  });
  return done;
}

describe("a round", () => {
  it("writes slots, then changes the network in one transaction, then tells what is in force", async () => {
    expect(await carriedOut(steps)).toEqual([
      "putSlots demo.fw",
      "commit 1 at 7",
      "putStitched s1",
      "removeSlots gone",
    ]);
  });

  it("ends at slots that were changed meanwhile: the network was decided from them", async () => {
    expect(await carriedOut(steps, "putSlots")).toEqual([]);
  });

  it("goes on past a report that was changed meanwhile", async () => {
    expect(await carriedOut(steps, "putStitched")).toEqual([
      "putSlots demo.fw",
      "commit 1 at 7",
      "removeSlots gone",
    ]);
  });

  it("takes the databases over when that is what is to be done", async () => {
    expect(await carriedOut([{ kind: "takeDatabases", epoch: 9, why: "" }])).toEqual(["claim 9"]);
  });
});

describe("a later epoch than its own", () => {
  it("is risen above", async () => {
    expect(await carriedOut([{ kind: "riseAbove", epoch: 9, why: "" }])).toEqual(["rise 9"]);
  });
});

describe("the slot map in Consul", () => {
  const records = new Map([["demo.fw", { value: slots, revision: 5 }]]);

  it("is published once for each revision, and withdrawn with its group", () => {
    const [step] = slotMapSteps(records, new Map());
    expect(step).toMatchObject({ kind: "publishSlots", key: "weft/slots/demo/fw", revision: 5 });
    expect(JSON.parse(step?.text ?? "")).toEqual({ version: 3, owners: slots.owners });
    expect(slotMapSteps(records, new Map([["weft/slots/demo/fw", 5]]))).toEqual([]);
    expect(slotMapSteps(new Map(), new Map([["weft/slots/demo/fw", 5]]))).toMatchObject([
      { kind: "withdrawSlots" },
    ]);
  });
});

describe("events", () => {
  const at = "2030-01-01T00:00:00.000Z";
  const change = { key: "k", revision: 9, at };

  it("tell once that a chain is ready", () => {
    expect(stitchedEvents({ ...change, value: stitched, before: null })).toMatchObject([
      { type: "dev.weft.chain.ready", id: "weft_stitched/k@9", subject: "demo/chain/edge" },
    ]);
    expect(stitchedEvents({ ...change, value: stitched, before: stitched })).toEqual([]);
    expect(stitchedEvents({ ...change, value: { ...stitched, kind: "network" }, before: null })).toEqual([]);
    expect(stitchedEvents({ ...change, value: null, before: stitched })).toEqual([]);
  });

  it("tell once what is blocked, by which row", () => {
    const fault = { code: "row-in-the-way", message: "the row 1 of Logical_Switch_Port" };
    const waiting = { ...stitched, state: "waiting" as const, fault };
    const types = (value: typeof stitched, before: typeof stitched | null) =>
      stitchedEvents({ ...change, value, before }).map(({ type, subject, data }) => [
        type,
        subject,
        data["message"],
      ]);
    const told = [["dev.weft.network.blocked", "demo/chain/edge", fault.message]];
    expect(types(waiting, null)).toEqual(told);
    expect(types(waiting, stitched)).toEqual(told);
    expect(types(waiting, waiting)).toEqual([]);
    expect(types(waiting, { ...waiting, fault: { ...fault, message: "the row 2" } })).toEqual(told);
  });

  it("tell of each handoff when it starts and when it ends", () => {
    const handoff = (to: string) => ({
      from: "fw-0",
      id: Number(to.slice(-1)),
      fromGone: false,
      to,
      slots: [1, 3],
      phase: "switch" as const,
      startedAt: at,
    });
    const two = { ...slots, handoffs: [handoff("fw-1"), handoff("fw-2")] };
    const started = slotsEvents({ ...change, value: two, before: slots });
    expect(started.map(({ type, id }) => [type, id])).toEqual([
      ["dev.weft.handoff.started", "weft_slots/k@9"],
      ["dev.weft.handoff.started", "weft_slots/k@9#2"],
    ]);
    expect(slotsEvents({ ...change, value: two, before: two })).toEqual([]);
    expect(slotsEvents({ ...change, value: slots, before: two }).map(({ data }) => data["to"])).toEqual([
      "fw-1",
      "fw-2",
    ]);
    const moved = { ...handoff("fw-1"), to: "fw-3" };
    expect(
      slotsEvents({ ...change, value: { ...two, handoffs: [moved, handoff("fw-2")] }, before: two }),
    ).toEqual([]);
    const cut = { ...handoff("fw-1"), phase: "done" as const, flowsCut: 12 };
    const ended = { ...two, handoffs: [cut, handoff("fw-2")] };
    expect(slotsEvents({ ...change, value: ended, before: two })).toMatchObject([
      { type: "dev.weft.handoff.finished", data: { handoff: 1, flowsCut: 12 } },
    ]);
    expect(slotsEvents({ ...change, value: { ...two, handoffs: [handoff("fw-2")] }, before: ended })).toEqual(
      [],
    );
  });
});
