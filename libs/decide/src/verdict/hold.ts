/**
 * Flapping is backed off: a shard that works again after it failed more than once lately is held back, longer after each
 * failure. Every change of mind moves its slots and breaks the connections that it had; others have them meanwhile.
 */
import type { ShardHealth } from "@weft/schemas";

export type Verdict = Pick<ShardHealth, "state" | "reason" | "message">;
type Held = Verdict & Pick<ShardHealth, "failedAtMs" | "heldUntilMs">;

const latelyMs = 600_000;
const longestHoldMs = 120_000;

/** What becomes of a verdict, given what the shard did before. */
export function withHold(
  verdict: Verdict,
  at: { readonly before: ShardHealth | undefined; readonly nowMs: number; readonly holdMs: number },
): Held {
  const { before, nowMs } = at;
  const lately = (before?.failedAtMs ?? []).filter((ms) => nowMs - ms <= latelyMs);
  const isHeld = before?.heldUntilMs !== undefined;
  if (verdict.state === "failed") {
    const isNew = before?.state !== "failed" || isHeld;
    return { ...verdict, failedAtMs: isNew ? [...lately, nowMs] : lately };
  }
  const past = lately.length === 0 ? {} : { failedAtMs: lately };
  if (verdict.state !== "ready" || before?.state !== "failed") return { ...verdict, ...past };
  const heldUntilMs = before.heldUntilMs ?? nowMs + holdOf(lately.length, at.holdMs);
  if (heldUntilMs <= nowMs) return { ...verdict, ...past };
  const seconds = Math.round((heldUntilMs - nowMs) / 100) / 10;
  const message = `it works again and is held back for ${seconds} s: it failed ${lately.length} times within ${latelyMs / 60_000} minutes`;
  return { state: "failed", reason: "Held", message, ...past, heldUntilMs };
}

/** None after the first failure. */
function holdOf(failures: number, holdMs: number): number {
  return failures < 2 ? 0 : Math.min(holdMs * 2 ** (failures - 2), longestHoldMs);
}
