import type { RealizedRecord } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { realizedEvents } from "./realized-events.ts";

const record: RealizedRecord = {
  kind: "shard",
  tenant: "demo",
  name: "fw-0",
  group: "fw",
  node: "node-1",
  placementUid: "p",
  placementRevision: 7,
  generation: 0,
  state: "creating",
  restarts: 0,
};
const broken: RealizedRecord = {
  ...record,
  state: "failed",
  fault: { code: "image-missing", message: "there is no image x:y" },
};
const told = (value: RealizedRecord | null, before: RealizedRecord | null) =>
  realizedEvents({ key: "demo.shard.fw-0", revision: 9, at: "2026-01-01T00:00:00Z", value, before });

describe("a shard that cannot be started", () => {
  it("is told once, with why and from what", () => {
    expect(told(broken, record)).toMatchObject([
      {
        id: "weft_realized/demo.shard.fw-0@9",
        type: "dev.weft.shard.failed",
        causationid: "weft_placements/demo.shard.fw-0@7",
        data: { reason: "image-missing", message: "there is no image x:y", functionGroup: "fw" },
      },
    ]);
    expect(told({ ...broken, restarts: 1 }, broken)).toEqual([]);
  });

  it.each<[string, RealizedRecord | null, RealizedRecord | null, number]>([
    ["a fault of another kind", { ...broken, fault: { code: "timeout", message: "" } }, broken, 1],
    ["the same fault of a later placement", { ...broken, placementUid: "q" }, broken, 1],
    ["a fault beside what runs", { ...broken, state: "running" }, record, 0],
    ["no fault", record, broken, 0],
    ["a deletion", null, broken, 0],
    ["a workload", { ...broken, kind: "workload" }, null, 1],
    [
      "the same of a shard in other words",
      { ...broken, fault: { code: "image-missing", message: "" } },
      broken,
      0,
    ],
  ])("%s makes so many events", (_, value, before, count) => {
    expect(told(value, before)).toHaveLength(count);
  });
});

describe("a physical segment that cannot be connected", () => {
  const uplink: RealizedRecord = {
    ...broken,
    kind: "uplink",
    name: "lan",
    fault: { code: "unavailable", message: "no cable" },
  };

  it("is told as its network's, and again when it is for another reason", () => {
    expect(told(uplink, { ...uplink, state: "creating", fault: undefined })).toMatchObject([
      {
        type: "dev.weft.network.failed",
        subject: "demo/network/lan",
        causationid: "weft_placements/demo.uplink.lan@7",
        data: { node: "node-1", message: "no cable" },
      },
    ]);
    expect(told(uplink, uplink)).toEqual([]);
    expect(told(uplink, { ...uplink, fault: { code: "unavailable", message: "no bridge" } })).toHaveLength(1);
  });
});
