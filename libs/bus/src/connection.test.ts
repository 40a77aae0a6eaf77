import { describe, expect, it } from "vitest";
import { isNewEnough } from "./connection.ts";

describe("a server's version", () => {
  it.each([
    ["2.12.0", true],
    ["2.15.1", true],
    ["2.13.0-beta.1", true],
    ["3.0.0", true],
    ["2.11.9", false],
    ["2.9.10", false],
    ["1.99.0", false],
    ["of an unknown version", false],
  ])("%s has atomic batches: %s", (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
  });
});
