import { testClock } from "@weft/runtime";
import type { Clock } from "@weft/runtime";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplyDeadline } from "./reply-deadline.ts";

const overdueMs = 1_000;
const intervalMs = 200;

function ticksOf(clock: Clock) {
  return (everyMs: number, run: () => void): Disposable => {
    let next: Disposable;
    const wait = () => {
      next = clock.after(everyMs, () => {
        wait();
        run();
      });
    };
    wait();
    return { [Symbol.dispose]: () => next[Symbol.dispose]() };
  };
}

/** A probe whose replies come as they are written down here, read by nobody but the deadline unless `heard` says so. */
function probe() {
  const clock = testClock();
  const startMs = clock.monotonicMs();
  const overdueAt: number[] = [];
  const asked: number[] = [];
  let last = startMs;
  const deadline = new ReplyDeadline({
    clock,
    overdueMs,
    everyTick: ticksOf(clock),
    repliedAtMs: () => {
      asked.push(clock.monotonicMs() - startMs);
      return last;
    },
    overdue: () => overdueAt.push(clock.monotonicMs() - startMs),
  });
  const reply = () => (last = clock.monotonicMs());
  return { clock, deadline, overdueAt, asked, reply, heard: () => deadline.replied(reply()) };
}

describe("a probe's replies", () => {
  it("are overdue just beyond the bound after the last one, whenever that came", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: overdueMs - 1 }), { maxLength: 12 }), async (pauses) => {
        const { clock, heard, reply, overdueAt } = probe();
        heard();
        for (const ms of pauses) {
          await clock.advance(ms);
          reply();
        }
        await clock.advance(3 * overdueMs);
        expect(overdueAt).toEqual([pauses.reduce((sum, ms) => sum + ms, 0) + overdueMs + 1]);
      }),
      { numRuns: 50 },
    );
  });

  it("are asked for by nobody while they are known to come", async () => {
    const { clock, heard, asked, overdueAt } = probe();
    for (let at = 0; at < 10_000; at += intervalMs) {
      heard();
      await clock.advance(intervalMs);
    }
    expect(overdueAt).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("are told to be overdue once, and again only after one came", async () => {
    const { clock, heard, overdueAt } = probe();
    heard();
    await clock.advance(5 * overdueMs);
    heard();
    await clock.advance(5 * overdueMs);
    expect(overdueAt).toEqual([overdueMs + 1, 6 * overdueMs + 1]);
  });

  it.each([86_400_000, -86_400_000])("are as old as before when the clock is set by %d ms", async (ms) => {
    const { clock, heard, overdueAt } = probe();
    heard();
    await clock.advance(500);
    clock.setBy(ms);
    await clock.advance(400);
    expect(overdueAt).toEqual([]);
    await clock.advance(3 * overdueMs);
    expect(overdueAt).toEqual([overdueMs + 1]);
  });

  it.each([0, 2 * overdueMs])(
    "are not waited for before the first, nor after an end %d ms later",
    async (ms) => {
      const { clock, heard, deadline, asked } = probe();
      await clock.advance(5 * overdueMs);
      expect(asked).toEqual([]);
      heard();
      await clock.advance(ms);
      const before = asked.length;
      deadline[Symbol.dispose]();
      heard();
      await clock.advance(5 * overdueMs);
      expect(asked.length).toBe(before);
    },
  );
});
