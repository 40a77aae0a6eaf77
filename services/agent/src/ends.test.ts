import type { Owned } from "@weft/drivers";
import { describe, expect, it } from "vitest";
import { Ends } from "./ends.ts";

const owned = (startedAt = "2030-01-01T00:00:00Z"): Owned => ({
  identity: { tenant: "demo", kind: "shard", name: "fw-0", placement: "p" },
  holder: { id: "h", running: true, namespacePath: "/proc/1/ns/net" },
  instance: { id: "i", running: true, startedAt, spec: "s", pid: 1 },
});
const running = (ends: Ends, of: Owned) => {
  const { holder, instance } = ends.appliedTo(of);
  return [holder?.running, instance?.running];
};

describe("an end that the runtime told of", () => {
  it("is believed over an older answer, and concerns nothing else", () => {
    const ends = new Ends();
    expect(running(ends, owned())).toEqual([true, true]);
    ends.note({ placement: "p", role: "instance", id: "i" }, owned());
    expect(running(ends, owned())).toEqual([true, false]);
    ends.note({ placement: "p", role: "holder", id: "h" }, owned());
    expect(running(ends, owned())).toEqual([false, false]);
  });

  it("is over once the instance was started again, which a holder never is", () => {
    const ends = new Ends();
    for (const [role, id] of [
      ["instance", "i"],
      ["holder", "h"],
    ] as const)
      ends.note({ placement: "p", role, id }, owned());
    expect(running(ends, owned("2030-01-01T00:00:09Z"))).toEqual([false, true]);
  });

  it("is forgotten with what ended", () => {
    const ends = new Ends();
    ends.note({ placement: "p", role: "instance", id: "i" }, owned());
    ends.keep([]);
    expect(running(ends, owned())).toEqual([true, true]);
  });
});
