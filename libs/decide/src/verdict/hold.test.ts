/** A shard that fails again and again: how long it is held back when it works again. */
import type { ShardHealth } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { withHold } from "./hold.ts";
import type { Verdict } from "./hold.ts";

const holdMs = 1_000;
const ready: Verdict = { state: "ready", reason: "ProbePassed", message: "" };
const failed: Verdict = { state: "failed", reason: "ProbeLost", message: "" };

/** Fails and works again so often, and says after each time how long it was held back. */
function holds(times: number, betweenMs = 10_000): number[] {
  let before: ShardHealth | undefined;
  let nowMs = 1_000_000;
  const judge = (verdict: Verdict) => {
    before = { ...(before ?? shard), ...cleared, ...withHold(verdict, { before, nowMs, holdMs }) };
    return before;
  };
  judge(ready);
  return Array.from({ length: times }, () => {
    nowMs += betweenMs;
    judge(failed);
    nowMs += 500;
    const { state, reason, heldUntilMs = nowMs } = judge(ready);
    expect(`${state} ${reason}`).toBe(heldUntilMs > nowMs ? "failed Held" : "ready ProbePassed");
    const held = heldUntilMs - nowMs;
    if (held > 0) {
      nowMs = heldUntilMs - 1;
      expect(judge(ready).reason).toBe("Held");
    }
    nowMs = heldUntilMs;
    expect(judge(ready)).toMatchObject({ state: "ready", heldUntilMs: undefined });
    return held;
  });
}
const shard = { kind: "shard", tenant: "demo", name: "fw-0", group: "fw", node: "node-1" } as ShardHealth;
const cleared = { failedAtMs: undefined, heldUntilMs: undefined };

describe("a shard that fails again and again", () => {
  it("is held back from the second failure on, twice as long each time, up to two minutes", () => {
    expect(holds(10, 1_000)).toEqual([
      0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000,
    ]);
  });

  it("is not when its failures are ten minutes apart", () => {
    expect(holds(3, 601_000)).toEqual([0, 0, 0]);
  });

  it("counts a failure while it is held back, and is held back anew", () => {
    const nowMs = 1_000_000;
    const before = { ...shard, state: "failed", failedAtMs: [nowMs - 900, nowMs - 800] } as ShardHealth;
    const held = { ...before, ...withHold(ready, { before, nowMs, holdMs }) };
    const again = withHold(failed, { before: held, nowMs: nowMs + 10, holdMs });
    expect(again).toMatchObject({ reason: "ProbeLost", failedAtMs: [nowMs - 900, nowMs - 800, nowMs + 10] });
    expect(again.heldUntilMs).toBeUndefined();
  });
});
