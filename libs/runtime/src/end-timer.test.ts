/** Times that records name: who is woken when, by a clock that the test sets. */
import { describe, expect, it } from "vitest";
import { endTimer } from "./end-timer.ts";
import { createEmitter } from "./signal.ts";
import { testClock } from "./test-clock.ts";

function world(...relativeMs: readonly number[]) {
  const clock = testClock();
  const records = createEmitter();
  const startMs = clock.now();
  let endsMs = relativeMs.map((ms) => startMs + ms);
  const timer = endTimer({ changed: records, endsMs: () => endsMs }, clock);
  const woken: number[] = [];
  timer.changed.subscribe(() => woken.push(clock.now() - startMs));
  const tell = (...later: readonly number[]) => {
    endsMs = later.map((ms) => startMs + ms);
    records.emit();
  };
  return { clock, timer, woken, tell };
}

describe("times that records name", () => {
  it("wake once each, in their order", async () => {
    const { clock, woken } = world(300, 100, 300);
    await clock.advance(1_000);
    expect(woken).toEqual([100, 300]);
  });

  it("that are over already wake nobody", async () => {
    const { clock, woken } = world(-5, 0);
    await clock.advance(1_000);
    expect(woken).toEqual([]);
  });

  it("are the new ones when the records change", async () => {
    const { clock, woken, tell } = world(100);
    await clock.advance(50);
    tell(70, 200);
    await clock.advance(1_000);
    expect(woken).toEqual([70, 200]);
  });

  it("that nobody names any more wake nobody", async () => {
    const { clock, woken, tell } = world(100);
    tell();
    await clock.advance(1_000);
    expect(woken).toEqual([]);
  });

  it("wake nobody once disposed of, also when the records change", async () => {
    const { clock, woken, timer, tell } = world(100);
    timer[Symbol.dispose]();
    tell(200);
    await clock.advance(1_000);
    expect(woken).toEqual([]);
  });

  it("wake again when the timer ran a moment early", async () => {
    const clock = testClock();
    const endMs = clock.now() + 100;
    const early = {
      ...clock,
      after: (ms: number, run: () => void) => clock.after(ms > 1 ? ms - 1 : ms, run),
    };
    const timer = endTimer({ changed: createEmitter(), endsMs: () => [endMs] }, early);
    const over: boolean[] = [];
    timer.changed.subscribe(() => over.push(clock.now() >= endMs));
    await clock.advance(1_000);
    expect(over).toEqual([false, true]);
  });
});
