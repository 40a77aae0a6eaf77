import { describe, expect, it } from "vitest";
import { oldest, probeTargets } from "./probes.ts";

const probe = { targets: ["100.64.1.128", "fd77::1:0:0:0:80"] };
const targetsFor = (networks: Record<string, string[]>, targets = probe.targets) =>
  probeTargets({ networks, probe: { ...placedProbe, targets } });
const side = {
  name: "probe-in",
  port: "p",
  segment: { kind: "inner", name: "fw" },
  mac: "0a:58:00:00:00:01",
} as const;
const placedProbe = {
  inner: { ...side, addresses: [], mtu: 1400 },
  innerRoutes: [],
  outer: { ...side, addresses: [], mtu: 1400 },
  outerRoutes: [],
};

describe("the targets of a shard's probes", () => {
  it.each([
    [{ a: ["10.1.0.0/16"] }, ["100.64.1.128"]],
    [{ a: ["fd00:1::/64"] }, ["fd77::1:0:0:0:80"]],
    [{ a: ["10.1.0.0/16"], b: ["fd00:1::/64"] }, probe.targets],
    [{ a: ["10.1.0.0/16", "fd00:1::/64"] }, probe.targets],
    [{}, ["100.64.1.128"]],
  ])("are of the families of its networks: %j", (networks, wanted) => {
    expect(targetsFor(networks)).toEqual(wanted);
  });

  it("are missing from a placement that names none, which is refused", () => {
    expect(() => targetsFor({ a: ["10.1.0.0/16"] }, [])).toThrow("names no target");
  });
});

describe("the age of a shard's probes", () => {
  it.each([
    [[], null],
    [[30], 30],
    [[30, 400], 400],
    [[30, null], null],
    [[null, 30], null],
  ])("is that of the oldest answer: %j", (ages, age) => {
    expect(oldest(ages)).toBe(age);
  });
});
