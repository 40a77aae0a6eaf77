import type { UplinkPlacement } from "@weft/schemas";
import { RealizedRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { UplinkStep, UplinksSeen } from "./uplink-bridges.ts";
import { decideUplinkBridges } from "./uplink-bridges.ts";

const placement: UplinkPlacement = {
  kind: "uplink",
  tenant: "demo",
  name: "lan",
  intentUid: "u",
  intentRevision: 1,
  generation: 1,
  interface: "eth1",
  physicalNetwork: "weft-eth1",
  nodes: ["node-1"],
  active: null,
};
const made = { name: "weft-up-1", madeFor: "eth1", ports: [{ name: "eth1", down: false }] };
const foreign = { name: "br-ex", madeFor: undefined, ports: [{ name: "eth1", down: false }] };
const own = { name: "br-int", madeFor: undefined, ports: [] };

function seen(more: Partial<UplinksSeen> = {}): UplinksSeen {
  return {
    node: "node-1",
    placements: [{ revision: 7, placement }],
    links: new Map([["eth1", []]]),
    bridges: [own],
    mappings: new Map([["physnet1", "br-ex"]]),
    failures: new Map(),
    realized: new Map(),
    ...more,
  };
}

const words = (steps: readonly UplinkStep[]) =>
  steps.map((step) =>
    step.kind === "putRealized"
      ? `${step.record.state}${step.record.fault === undefined ? "" : `: ${step.record.fault.message}`}`
      : Object.values({ ...step, why: undefined, uid: undefined })
          .filter((value) => value !== undefined)
          .join(" "),
  );

describe("an uplink on a node", () => {
  it.each<[string, Partial<UplinksSeen>, string[]]>([
    ["the interface is free", {}, ["creating", "makeBridge eth1"]],
    ["its bridge is there", { bridges: [own, made] }, ["creating", "mapNetwork weft-eth1 weft-up-1"]],
    ["a bridge of the host's holds it", { bridges: [foreign] }, ["creating", "mapNetwork weft-eth1 br-ex"]],
    ["all of it is there", { bridges: [made], mappings: new Map([["weft-eth1", "weft-up-1"]]) }, ["running"]],
    ["there is no such interface", { links: new Map() }, ["failed: there is no interface eth1 on node-1"]],
    [
      "the interface carries the host's address",
      { links: new Map([["eth1", ["192.0.2.7/24"]]]) },
      [
        "failed: eth1 carries addresses of node-1 itself (192.0.2.7/24), which would be cut off: take them off first",
      ],
    ],
    [
      "its bridge could not be made",
      { failures: new Map([["eth1", "no bridge"]]) },
      ["failed: no bridge", "makeBridge eth1"],
    ],
    [
      "it could not be mapped",
      { bridges: [made], failures: new Map([["weft-eth1", "no mapping"]]) },
      ["failed: no mapping", "mapNetwork weft-eth1 weft-up-1"],
    ],
    [
      "what failed once is there by now",
      {
        bridges: [made],
        mappings: new Map([["weft-eth1", "weft-up-1"]]),
        failures: new Map([["eth1", "no bridge"]]),
      },
      ["running"],
    ],
    [
      "Open vSwitch cannot take it up",
      {
        bridges: [{ ...made, ports: [{ name: "eth1", down: false, error: "Device or resource busy" }] }],
        mappings: new Map([["weft-eth1", "weft-up-1"]]),
      },
      ["failed: Open vSwitch on node-1 cannot take eth1: Device or resource busy"],
    ],
    [
      "its cable is out",
      {
        bridges: [{ ...made, ports: [{ name: "eth1", down: true }] }],
        mappings: new Map([["weft-eth1", "weft-up-1"]]),
      },
      ["failed: eth1 on node-1 has no carrier: is the cable in?"],
    ],
  ])("%s", (_, more, wanted) => {
    expect(words(decideUplinkBridges(seen(more)))).toEqual(wanted);
  });

  it("is reported once", () => {
    const world = { bridges: [made], mappings: new Map([["weft-eth1", "weft-up-1"]]) };
    const [put] = decideUplinkBridges(seen(world));
    if (put?.kind !== "putRealized") throw new Error("nothing is reported");
    expect(RealizedRecord.parse(put.record)).toEqual(put.record);
    const realized = new Map([[put.key, put.record]]);
    expect(decideUplinkBridges(seen({ ...world, realized }))).toEqual([]);
  });
});

describe("an uplink that is not asked for any more", () => {
  it("takes its bridge, mapping and report with it, and nothing of anybody else's", () => {
    const [put] = decideUplinkBridges(seen());
    if (put?.kind !== "putRealized") throw new Error("nothing is reported");
    const steps = decideUplinkBridges(
      seen({
        placements: [],
        bridges: [own, made, { ...foreign, ports: [] }],
        mappings: new Map([
          ["physnet1", "br-ex"],
          ["weft-eth1", "weft-up-1"],
        ]),
        realized: new Map([[put.key, put.record]]),
      }),
    );
    expect(words(steps)).toEqual([
      "deleteRealized demo.uplink.lan.node-1",
      "unmapNetwork weft-eth1",
      "removeBridge weft-up-1",
    ]);
  });
});
