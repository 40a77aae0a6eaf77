/** What a group says of its connections' state: kept at all peers, not yet, and at nobody's. */
import { intentKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { World, shardKey } from "./world.test-kit.ts";

function keeping(...keeps: readonly string[][]): World {
  const world = World.ready();
  const key = intentKey("FunctionGroup", "demo", "fw");
  const { spec } = world.resource("FunctionGroup", "fw");
  const metadata = { name: "fw", tenant: "demo" };
  const document = {
    kind: "FunctionGroup",
    metadata,
    spec: Object.assign({}, spec, { state: "replicated" }),
  };
  world.change("intents", key, { document });
  for (const [index, names] of keeps.entries())
    world.put("shims", shardKey(index), { placementUid: `place-fw-${index}`, keeps: names });
  return world;
}
const told = (world: World) =>
  world.resource("FunctionGroup", "fw").status.conditions.find(({ type }) => type === "Replicated");

describe("a group with replicated state", () => {
  it("says so once each shard's connections are known where the others are", () => {
    expect(told(keeping(["fw-1"], ["fw-0"]))).toMatchObject({ status: "True", reason: "Kept" });
  });

  it("says whose are not", () => {
    expect(told(keeping(["fw-1"], []))).toMatchObject({
      status: "False",
      reason: "Behind",
      message: "not all connections of fw-0 are known where fw-1 is",
    });
  });

  it("believes no earlier shard of the same name", () => {
    const world = keeping(["fw-1"], ["fw-0"]);
    world.put("shims", shardKey(1), { placementUid: "earlier", keeps: ["fw-0"] });
    expect(told(world)).toMatchObject({ status: "False" });
  });
});

describe("a group whose state is local", () => {
  it("says nothing of it", () => {
    expect(told(World.ready())).toBeUndefined();
  });
});
