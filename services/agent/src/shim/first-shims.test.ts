import { beforeEach, describe, expect, it } from "vitest";
import { FirstShims } from "./first-shims.ts";

const inode = 4_026_531_840;
const shim = { mark: "rules_1", waiting: false };
let first: FirstShims;
beforeEach(() => {
  first = new FirstShims();
  first.made("a", inode);
});

describe("the shim of a namespace that was just made", () => {
  it("is known once it is wired", () => {
    expect(new FirstShims().take("a", inode)).toBeUndefined();
    first.wired("a", shim);
    expect(first.take("a", inode)).toEqual(shim);
  });

  it("is known for one answer: the next may find it changed", () => {
    first.wired("a", shim);
    first.take("a", inode);
    expect(first.take("a", inode)).toBeUndefined();
  });

  it("is not known any more when it was asked for before it was wired", () => {
    first.take("a", inode);
    first.wired("a", shim);
    expect(first.take("a", inode)).toBeUndefined();
  });

  it.each([
    ["its wiring failed", () => first.wired("a", undefined)],
    ["it is wired once more", () => first.wired("a", { ...shim, mark: "rules_2" })],
    ["its placement is gone", () => first.forget("a")],
  ])("is not known when %s", (_, happens) => {
    first.wired("a", shim);
    happens();
    first.wired("a", shim);
    expect(first.take("a", inode)).toBeUndefined();
  });

  it("is not that of another namespace", () => {
    first.wired("a", shim);
    expect(first.take("a", inode + 1)).toBeUndefined();
  });
});

describe("the shim of a namespace that was found", () => {
  it("is not known", () => {
    first.wired("b", shim);
    expect(first.take("b", inode)).toBeUndefined();
  });
});
