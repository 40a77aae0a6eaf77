import { describe, expect, it } from "vitest";
import {
  Bitrate,
  Bytes,
  Cpu,
  Duration,
  bitsPerSecond,
  bytesCount,
  cpuCores,
  durationSeconds,
} from "./quantities.ts";

describe("a quantity in base units", () => {
  it.each([
    [durationSeconds, "500ms", 0.5],
    [durationSeconds, "1.5h", 5400],
    [durationSeconds, "2d", 172_800],
    [cpuCores, "500m", 0.5],
    [cpuCores, "2", 2],
    [cpuCores, "0.25", 0.25],
    [bytesCount, "128Mi", 134_217_728],
    [bytesCount, "1.5k", 1500],
    [bytesCount, "1000", 1000],
    [bitsPerSecond, "50Mbit", 50_000_000],
    [bitsPerSecond, "1Gbit", 1e9],
  ])("%o of %s is %d", (read, text, value) => {
    expect(read(text)).toBe(value);
  });
});

describe("what is no quantity", () => {
  it.each([
    [Duration, durationSeconds, ["10", "s", "-1s", "1 s", "1y"]],
    [Cpu, cpuCores, ["", "-1", "1.5m", "two"]],
    [Bytes, bytesCount, ["1KiB", "1Ki B", "-5", "1Ti"]],
    [Bitrate, bitsPerSecond, ["50", "50MBit", "50mbit", "-1kbit"]],
  ])("%#: is refused by the schema and by its reader", (schema, read, texts) => {
    for (const text of texts) {
      expect(schema.safeParse(text).success).toBe(false);
      expect(() => read(text)).toThrow(RangeError);
    }
  });

  it("is also nothing at all of something", () => {
    expect(
      [Cpu.safeParse("0"), Bytes.safeParse("0Mi"), Bitrate.safeParse("0bit")].map((one) => one.success),
    ).toEqual([false, false, false]);
  });
});
