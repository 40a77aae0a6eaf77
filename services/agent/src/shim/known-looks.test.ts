import { testClock } from "@weft/runtime";
import { describe, expect, it } from "vitest";
import { KnownLooks } from "./known-looks.ts";

const looksEveryMs = 60_000;

function looks() {
  const clock = testClock(Date.UTC(2026, 0, 2));
  let read = 0;
  const known = new KnownLooks({
    clock,
    read: async () => {
      read += 1;
      return [];
    },
    counting: () => ({ affinity: "client", duties: [] }),
    found: () => undefined,
    failed: () => undefined,
  });
  return { clock, known, read: () => read };
}

describe("a look at what a shard knows", () => {
  it.each([0, -86_400_000, 86_400_000])(
    "is taken when something waits for it, the clock set by %d ms",
    async (ms) => {
      const { clock, known, read } = looks();
      clock.setBy(ms);
      known.want(true);
      await clock.advance(1);
      expect(read()).toBe(1);
    },
  );

  it.each([0, -86_400_000, 86_400_000])("is taken once a minute else, the clock set by %d ms", async (ms) => {
    const { clock, known, read } = looks();
    clock.setBy(ms);
    known.want(false);
    await clock.advance(looksEveryMs - 1);
    expect(read()).toBe(0);
    await clock.advance(1);
    expect(read()).toBe(1);
  });
});
