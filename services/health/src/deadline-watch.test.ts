import { defaultVerdictPolicy } from "@weft/decide";
import { systemClock } from "@weft/runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchDeadlines } from "./deadline-watch.ts";

const policy = { ...defaultVerdictPolicy, nodeLossMs: 2_000, detectionMs: 1_000 };
const beginsAt = 1_000_000;
const beatEveryMs = 100;

/** One node that beats; tells after how long something was found. */
function ear() {
  const beats = new Map([
    ["node-1", { atMs: beginsAt, sinceMs: beginsAt, againMs: undefined, incarnation: "a" }],
  ]);
  const found: number[] = [];
  const heard = { beats, reports: new Map(), listeningSinceMs: beginsAt };
  const watch = watchDeadlines(heard, { policy, clock: systemClock() }, () =>
    found.push(Date.now() - beginsAt),
  );
  const beat = () => {
    beats.set("node-1", { atMs: Date.now(), sinceMs: beginsAt, againMs: undefined, incarnation: "a" });
    watch.look();
  };
  const beatFor = (ms: number) => {
    for (let passed = 0; passed < ms; passed += beatEveryMs) {
      vi.advanceTimersByTime(beatEveryMs);
      beat();
    }
  };
  return { found, beatFor, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

describe("silence", () => {
  beforeEach(() => vi.useFakeTimers({ now: beginsAt }));
  afterEach(() => vi.useRealTimers());

  it.each([5_000, 5_100, 6_900])("after beats for %d ms is found when its time is over, and once", (ms) => {
    using at = ear();
    at.beatFor(ms);
    at.found.length = 0;
    vi.advanceTimersByTime(10_000);
    expect(at.found).toEqual([ms + policy.nodeLossMs + 1]);
    at.beatFor(1_000);
    expect(at.found.length).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(at.found.length).toBe(3);
  });

  it("is nobody's while beats come, and few of them set a timer", () => {
    using at = ear();
    at.beatFor(3_000);
    at.found.length = 0;
    const set = vi.spyOn(globalThis, "setTimeout");
    at.beatFor(20_000);
    expect(at.found).toEqual([]);
    expect(set.mock.calls.length).toBeLessThanOrEqual(12);
  });

  it("is found by nobody after the end", () => {
    const at = ear();
    at.beatFor(3_000);
    at.found.length = 0;
    at[Symbol.dispose]();
    vi.advanceTimersByTime(10_000);
    expect(at.found).toEqual([]);
  });
});
