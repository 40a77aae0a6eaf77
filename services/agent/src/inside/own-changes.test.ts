/** Which looks an agent's own change overtakes. */
import { describe, expect, it } from "vitest";
import { OwnChanges } from "./own-changes.ts";

describe("a look", () => {
  it("stands when nothing changed, or only before or after it", () => {
    const changes = new OwnChanges();
    changes.made("a");
    changes.during("a")[Symbol.dispose]();
    const overtaken = changes.sinceNow();
    expect(overtaken("a")).toBe(false);
    expect(overtaken("never changed")).toBe(false);
  });

  it("is overtaken by a change that was made within it, of its own placement alone", () => {
    const changes = new OwnChanges();
    const overtaken = changes.sinceNow();
    changes.made("a");
    expect([overtaken("a"), overtaken("b")]).toEqual([true, false]);
  });

  it("is overtaken by a change that lasts at its beginning, at its end, or longer than it", () => {
    const changes = new OwnChanges();
    const long = changes.during("long");
    const before = changes.during("before");
    const overtaken = changes.sinceNow();
    before[Symbol.dispose]();
    const after = changes.during("after");
    expect(["long", "before", "after"].map(overtaken)).toEqual([true, true, true]);
    after[Symbol.dispose]();
    long[Symbol.dispose]();
    expect(["long", "before", "after"].map(changes.sinceNow())).toEqual([false, false, false]);
  });
});
