import { describe, expect, it } from "vitest";
import { endedFrom, startsHolder } from "./ended.ts";

const event = (status: string, attributes: object = {}) =>
  JSON.stringify({
    status,
    id: "abc",
    Type: "container",
    Action: status,
    Actor: {
      ID: "abc",
      Attributes: {
        exitCode: "137",
        "weft.dev/placement": "p-1",
        "weft.dev/role": "holder",
        ...attributes,
      },
    },
  });

describe("an event of the daemon", () => {
  it("says what ended", () => {
    expect(endedFrom(event("die"))).toEqual({ placement: "p-1", role: "holder", id: "abc" });
  });

  it.each([event("start"), event("destroy"), event("die", { "weft.dev/role": "else" }), "{}", "", "{"])(
    "says nothing of the kind: %s",
    (line) => {
      expect(endedFrom(line)).toBeUndefined();
    },
  );

  it("tells holders that start from all else", () => {
    expect(startsHolder(event("start"))).toBe(true);
    expect(startsHolder(event("start", { "weft.dev/role": "instance" }))).toBe(false);
    expect([event("die"), "{}", ""].some(startsHolder)).toBe(false);
  });
});
