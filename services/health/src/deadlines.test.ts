import { describe, expect, it } from "vitest";
import { nextDeadlineMs, passedDeadlines } from "./deadlines.ts";

const policy = { nodeLossMs: 2000, detectionMs: 1000 };
const beat = (atMs: number, sinceMs = 0) => ({ atMs, sinceMs, incarnation: "a" });
const report = (atMs: number) => ({
  atMs,
  report: {
    tenant: "demo",
    name: "fw-0",
    placementUid: "p",
    running: true,
    wired: true,
    kernel: true,
    generation: 1,
    probeAgeMs: 10,
  },
});
const heard = (atMs: number, reportAtMs = atMs) => ({
  beats: new Map([["node-1", beat(atMs)]]),
  reports: new Map([["p", report(reportAtMs)]]),
  listeningSinceMs: 0,
});
const passed =
  (...args: Parameters<typeof heard>) =>
  (nowMs: number) =>
    passedDeadlines(heard(...args), policy, nowMs);

describe("what time alone has made true", () => {
  it("stays the same while heartbeats come", () => {
    expect(passed(10_000)(10_050)).toBe(passed(10_100)(10_180));
  });

  it.each([
    ["a node is silent for the loss time", passed(10_000), [12_000, 12_001]],
    ["an incarnation has had its time", passed(900), [1000, 1001]],
    ["the listener has had the loss time", passed(1990), [1999, 2000]],
  ] as const)("changes when %s", (_, at, [before, after]) => {
    expect(at(before)).not.toBe(at(after));
  });

  it("changes when a node that was silent has been heard again for the loss time", () => {
    const at = (nowMs: number) => {
      const beats = new Map([["node-1", { ...beat(nowMs), againMs: 10_000 }]]);
      return passedDeadlines({ beats, reports: new Map(), listeningSinceMs: 0 }, policy, nowMs);
    };
    expect(at(12_000)).not.toBe(at(12_001));
  });

  it("changes when a node that still beats leaves a shard out for the detection time", () => {
    expect(passed(11_000, 10_000)(11_000)).not.toBe(passed(11_001, 10_000)(11_001));
  });
});

describe("the next deadline", () => {
  it.each([
    ["of a node that beats is its loss", heard(10_000), 10_050, 12_001],
    ["of a new incarnation is the end of its time", heard(900), 950, 1_001],
    ["of who listens since just now is its own", heard(1_990), 1_999, 2_000],
  ] as const)("%s", (_, seen, nowMs, deadline) => {
    expect(nextDeadlineMs(seen, policy, nowMs)).toBe(deadline);
    expect(passedDeadlines(seen, policy, deadline)).not.toBe(passedDeadlines(seen, policy, deadline - 1));
  });

  it("of a node that was silent is the end of its loss time", () => {
    const beats = new Map([["node-1", { ...beat(11_500), againMs: 10_000 }]]);
    const seen = { beats, reports: new Map(), listeningSinceMs: 0 };
    expect(nextDeadlineMs(seen, policy, 11_600)).toBe(12_001);
  });

  it("does not come when all has been said", () => {
    expect(nextDeadlineMs(heard(10_000), policy, 20_000)).toBeUndefined();
  });
});
