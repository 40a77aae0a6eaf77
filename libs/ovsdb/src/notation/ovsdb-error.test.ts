import { describe, expect, it } from "vitest";
import { OvsdbError, readRefusal, readResults } from "./ovsdb-error.ts";

const uuid = "36bef046-7da7-43a5-905a-c17899216fcb";

function refusalOf(json: unknown, operations: number): OvsdbError {
  try {
    readResults(json, operations);
  } catch (error) {
    if (error instanceof OvsdbError) {
      return error;
    }
  }
  throw new Error("was not refused");
}

describe("the results of a transaction", () => {
  it("are told apart by what they hold", () => {
    const rows = [{ name: "a" }];
    expect(readResults([{ uuid: ["uuid", uuid] }, { count: 2 }, { rows }, {}], 4)).toEqual([
      { uuid },
      { count: 2 },
      { rows },
      {},
    ]);
  });

  it("name the failing operation", () => {
    const error = refusalOf([{ count: 1 }, { error: "timed out", details: "why" }, null], 3);
    expect(error).toMatchObject({ code: "timed out", operation: 1, details: "why", retryable: false });
    expect(error.message).toBe("timed out (operation 1): why");
  });

  it("name no operation where the commit failed", () => {
    const error = refusalOf([{ count: 1 }, { error: "constraint violation" }], 1);
    expect(error).toMatchObject({ code: "constraint violation", operation: undefined });
  });

  it("are refused when they are no array", () => {
    expect(refusalOf({}, 1).code).toBe("syntax error");
  });
});

describe("a refusal", () => {
  it("keeps a name that no RFC has", () => {
    expect(new OvsdbError({ error: "strange" })).toMatchObject({ code: "unknown error", error: "strange" });
  });

  it("is retryable only where it is not about the operations", () => {
    expect(new OvsdbError({ error: "not leader" }).retryable).toBe(true);
    expect(new OvsdbError({ error: "referential integrity violation" }).retryable).toBe(false);
  });

  it("may be bare text", () => {
    expect(readRefusal("unknown method")).toEqual({ error: "unknown method" });
    expect(readRefusal({ count: 1 })).toBeUndefined();
  });
});
