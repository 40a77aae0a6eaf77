import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { maxLevels, parseJson } from "./parse-json.ts";

function refusalOf(text: string): WeftError {
  try {
    parseJson(text, "The body");
  } catch (error) {
    if (error instanceof WeftError) return error;
    throw error;
  }
  throw new Error("it was taken");
}
const nested = (levels: number, inside = "") => "[".repeat(levels) + inside + "]".repeat(levels);

describe("text that is JSON", () => {
  it.each([["null"], ["1"], ['{"a":[{"b":"c"}]}'], [nested(maxLevels)]])("is taken: %s", (text) => {
    expect(JSON.stringify(parseJson(text, "The body"))).toBe(text);
  });
});

describe("text that is none", () => {
  it.each([
    ["", 1, 1, "value expected"],
    ['{"a":', 1, 6, "value expected"],
    ["{'a': 1}", 1, 2, "invalid symbol"],
    ['{"a": 1,\n "b": tru}', 2, 7, "invalid symbol"],
    ['{"a": 1,\n}', 2, 1, "property name expected"],
    ['{"a": 1} x', 1, 10, "invalid symbol"],
    ["// a\n{}", 1, 1, "invalid comment token"],
  ])("is refused at its line and column: %j", (text, line, column, message) => {
    const { code, faults } = refusalOf(text);
    expect({ code, faults }).toEqual({
      code: "syntax-error",
      faults: [{ path: "", line, column, message }],
    });
  });
});

describe("text that is nested deeper than any request", () => {
  it.each([
    ["one level too many", nested(maxLevels + 1)],
    ["within an object", `{"documents":[${nested(20_000)}]}`],
    ["as deep as a request has room for", nested(500_000)],
    ["and broken as well", "[".repeat(500_000)],
  ])("is the sender's fault: %s", (_, text) => {
    expect(refusalOf(text)).toMatchObject({
      code: "invalid-request",
      faults: [{ path: "", message: expect.stringContaining("levels") }],
    });
  });
});
