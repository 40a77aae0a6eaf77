import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { createLogTo } from "./log.ts";
import { metrics } from "./metrics.ts";
import type { ReconcileOptions } from "./reconcile-loop.ts";
import { reconcileLoop } from "./reconcile-loop.ts";
import { createEmitter } from "./signal.ts";
import { testClock } from "./test-clock.ts";

interface Step {
  readonly kind: string;
}

function world(overrides: Partial<ReconcileOptions<number, Step>> = {}) {
  const clock = testClock();
  const lines: string[] = [];
  const wake = createEmitter();
  const state = { seen: 0 as number | undefined, executed: [] as number[] };
  const loop = reconcileLoop<number, Step>({
    name: "test",
    clock,
    log: createLogTo("test", "info", (line) => lines.push(line)),
    wake: [wake],
    resyncMs: 1_000,
    debounceMs: 20,
    backoff: { firstMs: 100, maxMs: 400 },
    observe: () => state.seen,
    decide: () => [{ kind: "doIt" }],
    execute: async (_, seen) => void state.executed.push(seen),
    ...overrides,
  });
  return { clock, wake, state, loop, lines };
}

describe("a loop", () => {
  it("looks at once when it starts, and again after the resync though nothing woke it", async () => {
    const { clock, state, loop } = world();
    await loop.start();
    await clock.advance(0);
    expect(state.executed).toEqual([0]);
    await clock.advance(999);
    expect(state.executed).toHaveLength(1);
    await clock.advance(1);
    expect(state.executed).toHaveLength(2);
    await loop.stop();
  });

  it("gathers a storm of wakes into one round, which the storm cannot put off", async () => {
    const { clock, state, loop, wake } = world();
    await loop.start();
    await clock.advance(0);
    for (let n = 0; n < 19; n += 1) {
      wake.emit();
      await clock.advance(1);
    }
    expect(state.executed).toHaveLength(1);
    await clock.advance(1);
    expect(state.executed).toHaveLength(2);
    await clock.advance(500);
    expect(state.executed).toHaveLength(2);
    await loop.stop();
  });

  it("does not gather what is urgent, also while it gathers or runs", async () => {
    const urgent = createEmitter();
    const gates: PromiseWithResolvers<void>[] = [];
    const { clock, loop, wake } = world({
      urgent: [urgent],
      execute: () => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
    });
    const roundsAfter = async (ms: number) => {
      await clock.advance(ms);
      return gates.length;
    };
    await loop.start();
    expect(await roundsAfter(0)).toBe(1);
    urgent.emit();
    gates[0]?.resolve();
    expect(await roundsAfter(0)).toBe(2);
    gates[1]?.resolve();
    expect(await roundsAfter(0)).toBe(2);
    wake.emit();
    expect(await roundsAfter(1)).toBe(2);
    urgent.emit();
    expect(await roundsAfter(0)).toBe(3);
    gates[2]?.resolve();
    await loop.stop();
  });

  it("runs one round at a time, and one more for whatever woke it meanwhile", async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const { clock, loop, wake } = world({
      execute: () => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
    });
    await loop.start();
    await clock.advance(0);
    for (let n = 0; n < 3; n += 1) wake.emit();
    await clock.advance(5_000);
    expect(gates).toHaveLength(1);
    gates[0]?.resolve();
    await clock.advance(20);
    expect(gates).toHaveLength(2);
    gates[1]?.resolve();
    await clock.advance(500);
    expect(gates).toHaveLength(2);
    await loop.stop();
  });

  it("decides nothing until everything is loaded", async () => {
    const { clock, state, loop, wake } = world();
    state.seen = undefined;
    await loop.start();
    await clock.advance(100);
    expect(state.executed).toEqual([]);
    state.seen = 7;
    wake.emit();
    await clock.advance(20);
    expect(state.executed).toEqual([7]);
    await loop.stop();
  });

  it("does nothing while another copy leads, and begins when leadership wakes it", async () => {
    let leads = false;
    const { clock, state, loop, wake } = world({ active: () => leads });
    await loop.start();
    await clock.advance(3_000);
    expect(state.executed).toEqual([]);
    leads = true;
    wake.emit();
    await clock.advance(20);
    expect(state.executed).toEqual([0]);
    await loop.stop();
  });

  it("stops after the running round, and runs none afterwards", async () => {
    const gate = Promise.withResolvers<void>();
    let rounds = 0;
    const { clock, loop, wake } = world({
      execute: () => {
        rounds += 1;
        return gate.promise;
      },
    });
    await loop.start();
    await clock.advance(0);
    let stopped = false;
    const stop = loop.stop().then(() => (stopped = true));
    await clock.advance(10);
    expect(stopped).toBe(false);
    gate.resolve();
    await stop;
    wake.emit();
    await clock.advance(5_000);
    expect(rounds).toBe(1);
  });
});

describe("a round that fails", () => {
  it.each(["observe", "decide", "execute"] as const)(
    "in %s is logged and tried again with a growing wait",
    async (where) => {
      let rounds = 0;
      const fail = (): never => {
        rounds += 1;
        throw new Error("no luck");
      };
      const { clock, loop, lines, wake } = world({
        [where]: where === "execute" ? async () => fail() : fail,
      });
      await loop.start();
      await clock.advance(0);
      expect(rounds).toBe(1);
      wake.emit();
      await clock.advance(49);
      expect(rounds).toBe(1); // a wake does not shorten the wait of 50 to 100 ms
      await clock.advance(51);
      expect(rounds).toBe(2);
      await clock.advance(49);
      expect(rounds).toBe(2); // the second wait, of 100 to 200 ms, began 50 ms ago at the earliest
      await clock.advance(151);
      expect(rounds).toBe(3);
      expect(lines.filter((line) => line.includes("no luck"))).toHaveLength(3);
      await loop.stop();
    },
  );

  it("because a record changed meanwhile is no error", async () => {
    let rounds = 0;
    const { clock, loop, lines } = world({
      execute: async () => {
        rounds += 1;
        if (rounds === 1) throw new WeftError("conflict", "changed");
      },
    });
    await loop.start();
    await clock.advance(100);
    expect(rounds).toBe(2);
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    await loop.stop();
  });

  it("is counted by the kinds of its steps", async () => {
    const { clock, loop } = world({ name: "counted", execute: () => Promise.reject(new Error("no")) });
    await loop.start();
    await clock.advance(0);
    await loop.stop();
    expect(await metrics.metrics()).toContain(
      'weft_steps_total{service="counted",kind="doIt",result="failed"} 1',
    );
  });

  it("counts a step that failed by itself apart from those that went on", async () => {
    const [good, bad] = [{ kind: "good" }, { kind: "bad" }];
    const { clock, loop } = world({ name: "mixed", decide: () => [good, bad], execute: async () => [bad] });
    await loop.start();
    await clock.advance(0);
    await loop.stop();
    const counted = (await metrics.metrics())
      .split("\n")
      .filter((line) => line.includes('service="mixed",kind'));
    expect(counted).toEqual([
      'weft_steps_total{service="mixed",kind="bad",result="failed"} 1',
      'weft_steps_total{service="mixed",kind="good",result="done"} 1',
    ]);
  });
});
