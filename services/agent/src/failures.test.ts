import { testClock } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { Failures } from "./failures.ts";

const clock = testClock(1_000);

describe("a placement that fails again and again", () => {
  it("waits longer each time, up to half a minute", () => {
    const failures = new Failures(clock);
    const waits = Array.from({ length: 9 }, () => {
      failures.note("a", 1, new Error("no"));
      return (failures.current(new Map([["a", 1]])).get("a")?.retryAtMs ?? 0) - 1_000;
    });
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("is tried at once when the clock was set back by a day meanwhile", () => {
    const time = testClock(86_401_000);
    const failures = new Failures(time);
    failures.note("a", 1, new Error("no"));
    time.setBy(-86_400_000);
    expect(failures.current(new Map([["a", 1]])).get("a")?.retryAtMs).toBe(1_000);
  });

  it("is tried at once when it was changed", () => {
    const failures = new Failures(clock);
    failures.note("a", 1, new Error("no"));
    expect(failures.current(new Map([["a", 2]])).size).toBe(0);
  });

  it("says every fault", () => {
    const failures = new Failures(clock);
    const faults = [{ path: "rules[0].match", message: "nft says: no" }];
    failures.note("a", 1, new WeftError("config-refused", "Refused.", { faults }));
    expect(failures.current(new Map([["a", 1]])).get("a")).toMatchObject({
      code: "config-refused",
      message: "Refused. rules[0].match: nft says: no",
    });
  });
});
