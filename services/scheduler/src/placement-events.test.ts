import type { ShardPlacement } from "@weft/schemas";
import { WeftEvent } from "@weft/schemas";
import { placedGroup, placedShard } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { placementEvents } from "./placement-events.ts";

const placed = placedShard({ uid: "p1" });
const leaving = { ...placed, leaving: true };
const change = { key: "demo.shard.fw-0", revision: 9, at: "2030-01-01T00:00:00.000Z" };

describe("a change of a shard's placement", () => {
  it.each<[string, ShardPlacement | null, ShardPlacement | null, string[]]>([
    ["new: placed", placed, null, ["dev.weft.shard.placed"]],
    ["another under the same name: placed", { ...placed, uid: "p2" }, placed, ["dev.weft.shard.placed"]],
    ["must leave: draining", leaving, placed, ["dev.weft.shard.draining"]],
    ["stays after all: kept", placed, leaving, ["dev.weft.shard.kept"]],
    ["still leaving: nothing", leaving, leaving, []],
    ["gone: removed", null, leaving, ["dev.weft.shard.removed"]],
    ["a new configuration: nothing", { ...placed, generation: 2 }, placed, []],
    ["gone, and nobody knows what it was: nothing", null, null, []],
  ])("%s", (_, value, before, types) => {
    const events = placementEvents({ ...change, value, before });
    expect(events.map(({ type }) => type)).toEqual(types);
    for (const event of events) expect(WeftEvent.parse(event).subject).toBe("demo/shard/fw-0");
  });

  it("names the event of the intent behind it", () => {
    const [event] = placementEvents({ ...change, value: { ...placed, intentRevision: 4 }, before: null });
    expect(event?.causationid).toBe("weft_intents/demo.functiongroup.fw@4");
  });
});

describe("a change of a group's placement", () => {
  const group = placedGroup();
  const made = { function: "firewall", runtime: "docker" as const, resources: {}, config: {} };
  const proven = { ...made, generation: 1, intentRevision: 3 };
  const message = "fw-3 was not ready with generation 2 within 2m";
  const failed = { generation: 2, intentRevision: 4, at: change.at, message };
  const back = { ...group, rollout: { proven, rolledBack: failed } };
  const about = { ...change, key: "demo.group.fw" };

  it("tells once that it went back, to what and why", () => {
    const [event, ...more] = placementEvents({ ...about, value: back, before: group });
    expect(more).toEqual([]);
    expect(WeftEvent.parse(event)).toMatchObject({
      type: "dev.weft.rollout.rolledback",
      subject: "demo/functiongroup/fw",
      causationid: "weft_intents/demo.functiongroup.fw@4",
      data: { generation: 2, backTo: 1, message },
    });
    expect(placementEvents({ ...about, value: { ...back, mtu: 1500 }, before: back })).toEqual([]);
  });

  it("tells of another generation that fails", () => {
    const again = { ...back, rollout: { proven, rolledBack: { ...failed, generation: 3 } } };
    expect(placementEvents({ ...about, value: again, before: back })).toHaveLength(1);
  });

  it("tells nothing of what went well", () => {
    expect(placementEvents({ ...about, value: { ...group, rollout: { proven } }, before: group })).toEqual(
      [],
    );
  });
});
