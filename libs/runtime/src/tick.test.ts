import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { everyTick, isDue, untilTick, waitToTick } from "./tick.ts";

const now = fc.nat({ max: 1_000_000 });

describe("what is done over and over", () => {
  it("comes at whole multiples of its interval, whenever it was begun", () => {
    fc.assert(
      fc.property(now, fc.integer({ min: 4, max: 5_000 }), (nowMs, everyMs) => {
        expect((nowMs + untilTick(nowMs, everyMs)) % everyMs).toBe(0);
      }),
    );
  });

  it("is not done twice for one tick by a timer that ran a moment early", () => {
    expect(untilTick(99, 100)).toBe(101);
    expect(untilTick(100, 100)).toBe(100);
    expect(untilTick(101, 100)).toBe(99);
  });

  it("is never left out longer than a quarter more than its interval", () => {
    fc.assert(
      fc.property(now, (nowMs) => {
        expect(untilTick(nowMs, 100)).toBeLessThan(125);
      }),
    );
  });
});

describe("a tick", () => {
  const one = { everyMs: 100, dueMs: 1_000 };

  it("is due when its time has come, and a tenth of its interval before, when the process is awake anyway", () => {
    expect(isDue(one, 1_000)).toBe(true);
    expect(isDue(one, 990)).toBe(true);
    expect(isDue(one, 1_900)).toBe(true);
    expect(isDue(one, 989)).toBe(false);
  });

  it("is not waited for when the clock was set back", () => {
    expect(isDue(one, 875)).toBe(false);
    expect(isDue(one, 500)).toBe(true);
  });
});

describe("several things that are done over and over", () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_234_567 }));
  afterEach(() => vi.useRealTimers());

  it("are each done at each of their ticks, whoever else begins, ends, or throws", () => {
    const ran: Record<string, number[]> = { often: [], late: [], seldom: [] };
    const note = (name: string) => () => void ran[name]?.push(Date.now());
    using open = new DisposableStack();
    open.use(everyTick(100, note("often")));
    open.use(everyTick(300, note("late"), 30));
    open.use(everyTick(1_000, note("seldom")));
    const comesAndGoes = everyTick(70, () => undefined);
    vi.advanceTimersByTime(2_500);
    comesAndGoes[Symbol.dispose]();
    const fails = () => {
      throw new Error("one of them");
    };
    open.use(everyTick(500, fails));
    for (let passed = 0; passed < 7_500; passed += 50) quietly(() => vi.advanceTimersByTime(50));
    expect([ran["often"]?.length, ran["late"]?.length, ran["seldom"]?.length]).toEqual([100, 33, 10]);
    const off = (name: string, everyMs: number, lateMs: number) =>
      ran[name]?.map((at) => Math.abs(((at - lateMs + everyMs / 2) % everyMs) - everyMs / 2));
    expect(Math.max(...(off("often", 100, 0) ?? []))).toBeLessThanOrEqual(10);
    expect(Math.max(...(off("late", 300, 30) ?? []))).toBeLessThanOrEqual(30);
    expect(Math.max(...(off("seldom", 1_000, 0) ?? []))).toBeLessThanOrEqual(100);
  });
});

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // one of them threw
  }
}

describe("a wait", () => {
  it("of a second or more ends at a tenth of a second, and is lengthened by less than that", () => {
    fc.assert(
      fc.property(now, fc.integer({ min: 1_000, max: 3_999 }), (nowMs, ms) => {
        const waited = waitToTick(nowMs, ms);
        expect((nowMs + waited) % 100).toBe(0);
        expect(waited - ms).toBeGreaterThanOrEqual(0);
        expect(waited - ms).toBeLessThan(100);
      }),
    );
  });

  it("of four seconds or more ends at a whole second, and is lengthened by less than that", () => {
    fc.assert(
      fc.property(now, fc.integer({ min: 4_000, max: 100_000 }), (nowMs, ms) => {
        const waited = waitToTick(nowMs, ms);
        expect((nowMs + waited) % 1_000).toBe(0);
        expect(waited - ms).toBeGreaterThanOrEqual(0);
        expect(waited - ms).toBeLessThan(1_000);
      }),
    );
  });

  it("of less is as long as was asked for", () => {
    expect(waitToTick(17, 20)).toBe(20);
    expect(waitToTick(17, 300)).toBe(300);
  });
});
