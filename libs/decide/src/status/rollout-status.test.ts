/** What a group says of a change of its shards: under way, done, and taken back. */
import { intentKey, recordKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { World, t1, t2 } from "./world.test-kit.ts";

const made = { function: "firewall", runtime: "namespace", resources: {}, config: {} };

/** Asked for generation 2, with what the scheduler noted; shards fw-0 and fw-1 carry these generations. */
function changed(rollout: object | undefined, ...generations: readonly number[]): World {
  const world = World.ready().change("intents", intentKey("FunctionGroup", "demo", "fw"), { generation: 2 });
  const subnets = { inner: ["100.64.0.0/24"], outer: ["100.64.1.0/24"], index: 0, mtu: 1342 };
  const group = {
    kind: "group",
    tenant: "demo",
    name: "fw",
    intentUid: "uid-fw",
    affinity: "client",
    ...subnets,
  };
  world.put("placements", recordKey("group", "demo", "fw"), {
    ...group,
    ...(rollout === undefined ? {} : { rollout }),
  });
  for (const [index, generation] of generations.entries()) world.shard(index, { generation });
  return world;
}

const progress = (world: World) =>
  world.resource("FunctionGroup", "fw").status.conditions.find(({ type }) => type === "Progressing");

describe("a group whose shards change", () => {
  it("is progressing while shards have not been told, and says how many were", () => {
    expect(progress(changed({ proven: { ...made, generation: 1 } }, 2, 1))).toMatchObject({
      status: "True",
      reason: "Rolling",
      message: "1 of 2 shards have been told generation 2",
    });
  });

  it("is done once the generation is proven", () => {
    expect(progress(changed({ proven: { ...made, generation: 2 } }, 2, 2))).toMatchObject({
      status: "False",
      reason: "Done",
    });
  });

  it("says that a change was taken back, why, and how far back it is; and is not ready with what was not asked for", () => {
    const rolledBack = {
      generation: 2,
      intentRevision: 9,
      at: t2,
      message: "fw-2 was not ready after 120 s",
    };
    const world = changed({ proven: { ...made, generation: 1 }, rolledBack }, 1, 1);
    const message = "fw-2 was not ready after 120 s; 2 of 2 shards have generation 1 again";
    expect(progress(world)).toMatchObject({ status: "False", reason: "RolledBack", message, since: t2 });
    expect(world.ready("FunctionGroup", "fw")).toBe(`RolledBack: ${message}`);
  });

  it("forgets that once another generation is asked for", () => {
    const rolledBack = { generation: 1, intentRevision: 5, at: t1, message: "it failed" };
    const world = changed({ proven: { ...made, generation: 0 }, rolledBack }, 2, 1);
    expect(progress(world)).toMatchObject({ status: "True", reason: "Rolling" });
  });
});
