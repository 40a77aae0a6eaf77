/** Names that rows of somebody else bear: only what collides is left out, and says why. */
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../admit/world.test-kit.ts";
import type { ForeignRow } from "./taken-names.ts";
import { StitchWorld } from "./world.test-kit.ts";

const documents = [
  network("inside", ["10.1.0.0/16"]),
  network("outside", ["10.2.0.0/16"]),
  network("apart", ["10.3.0.0/16"]),
  workload("client", [{ network: "inside" }]),
  workload("alone", [{ network: "apart" }]),
  group("fw"),
  chain("edge", "inside", "outside", ["fw"]),
];
const foreign = (name: string, table: ForeignRow["table"] = "Logical_Switch_Port") =>
  new Map([[name, { table, id: "7e57" }]]);
const portNames = (world: StitchWorld) =>
  [...world.seen.network.switchPorts, ...world.seen.network.routerPorts].map(({ name }) => name);
const record = (world: StitchWorld, key: string) => world.seen.stitched.get(key)?.value;

function settled(names: ReadonlyMap<string, ForeignRow>): StitchWorld {
  const world = new StitchWorld(...documents);
  world.seen.foreignPorts = names;
  return world.shards("fw-0").settle();
}

describe("a row of somebody else with a name that Weft needs", () => {
  const all = portNames(settled(new Map()));

  it("keeps out what collides and nothing else", () => {
    const taken = settled(foreign("weft.demo.lsp.network.inside"));
    expect(portNames(taken)).toEqual(all.filter((name) => name !== "weft.demo.lsp.network.inside"));
  });

  it("keeps a cable from the router port of somebody else", () => {
    const taken = settled(foreign("weft.demo.lrp.network.inside", "Logical_Router_Port"));
    expect(all.filter((name) => !portNames(taken).includes(name))).toEqual([
      "weft.demo.lsp.network.inside",
      "weft.demo.lrp.network.inside",
    ]);
  });

  it("is named, with what to do, by whatever waits for it", () => {
    const world = settled(foreign("weft.demo.lsp.network.inside"));
    const message =
      "the row 7e57 of Logical_Switch_Port, which is not Weft's, bears the name weft.demo.lsp.network.inside that is needed: rename or delete it";
    for (const key of ["demo.network.inside", "demo.workload.client", "demo.chain.edge"])
      expect(record(world, key)).toMatchObject({
        state: "waiting",
        message,
        fault: { code: "row-in-the-way", message },
      });
    for (const key of ["demo.network.apart", "demo.workload.alone", "demo.network.outside"])
      expect(record(world, key)).toMatchObject({ state: "programmed", message: "" });
  });

  it("is no fault any more once it is gone", () => {
    const world = settled(foreign("weft.demo.lsp.network.inside"));
    world.seen.foreignPorts = new Map();
    world.settle();
    expect(portNames(world).toSorted()).toEqual(all.toSorted());
    expect(record(world, "demo.chain.edge")).toMatchObject({ state: "programmed" });
    expect(record(world, "demo.chain.edge")?.fault).toBeUndefined();
  });

  it("that comes later is named, and takes no port of ours away", () => {
    const world = settled(new Map());
    world.seen.foreignPorts = foreign("weft.demo.lsp.network.inside", "Logical_Router_Port");
    world.settle();
    expect(portNames(world)).toEqual(all);
    expect(record(world, "demo.network.inside")?.fault).toBeDefined();
  });
});
