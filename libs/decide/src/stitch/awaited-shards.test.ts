/** Who gets which slots while a group comes up, one shard after the other. */
import { describe, expect, it } from "vitest";
import { chain, group, network } from "../admit/world.test-kit.ts";
import { awaitMs } from "./awaited-shards.ts";
import { StitchWorld, now } from "./world.test-kit.ts";

const documents = (onFailure: "closed" | "open", replicas: number) => {
  const edge = chain("edge", "inside", "outside", ["fw"]);
  return [
    network("inside", ["10.1.0.0/16"]),
    network("outside", ["10.2.0.0/16"]),
    group("fw", { replicas }),
    { ...edge, spec: { ...edge.spec, onFailure } },
  ];
};
const world = (onFailure: "closed" | "open" = "closed", replicas = 4) =>
  new StitchWorld(...documents(onFailure, replicas));
const ago = (ms: number) => new Date(Date.parse(now) - ms).toISOString();
/** How many slots each has, and how many nobody has. */
const shares = (seen: StitchWorld) => {
  const owners = seen.slots("fw")?.owners ?? [];
  return Object.fromEntries(
    [...new Set(owners)].map((name) => [name, owners.filter((o) => o === name).length]),
  );
};

describe("a group that comes up", () => {
  it("gives each shard its share once it is ready, and hands none on", () => {
    const seen = world().shardsSince(ago(300), "fw-2").settle();
    expect(shares(seen)).toEqual({ null: 192, "fw-2": 64 });
    expect(seen.seen.stitched.get("demo.chain.edge")?.value.state).toBe("waiting");
    seen.shardsSince(ago(100), "fw-0").settle();
    expect(shares(seen)).toEqual({ null: 128, "fw-0": 64, "fw-2": 64 });
    seen.shardsSince(now, "fw-1", "fw-3").settle();
    expect(shares(seen)).toEqual({ "fw-0": 64, "fw-1": 64, "fw-2": 64, "fw-3": 64 });
    expect(seen.slots("fw")).toMatchObject({ nextHandoff: 1, handoffs: [] });
    expect(seen.seen.stitched.get("demo.chain.edge")?.value.state).toBe("programmed");
  });

  it("waits a moment only: then whoever is ready has all", () => {
    const seen = world()
      .shardsSince(ago(awaitMs - 1), "fw-2")
      .settle();
    expect(shares(seen)).toEqual({ null: 192, "fw-2": 64 });
    seen.shardsSince(ago(awaitMs), "fw-2").settle();
    expect(shares(seen)).toEqual({ "fw-2": 256 });
  });

  it.each([
    ["for a shard that failed", world("closed", 2).fail("fw-1"), now],
    ["where traffic of nobody would pass unfiltered", world("open"), now],
    ["where clocks differ too much to tell", world(), ago(-awaitMs)],
  ])("does not wait %s", (_, seen, since) => {
    seen.shardsSince(since, "fw-0").settle();
    expect(shares(seen)).toEqual({ "fw-0": 256 });
  });

  it("does not wait for shards that come to a group which serves already", () => {
    const seen = world("closed", 1).shardsSince(ago(60_000), "fw-0").settle();
    seen.apply(...documents("closed", 4));
    seen.shardsSince(now, "fw-1").settle();
    expect(shares(seen)).toEqual({ "fw-0": 128, "fw-1": 128 });
  });
});
