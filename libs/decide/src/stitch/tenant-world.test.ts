/** The index of instances by segment: it must find what a scan of all of them would. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../admit/world.test-kit.ts";
import { instancesOn } from "./in-force.ts";
import { segmentKey, tenantWorlds } from "./tenant-world.ts";
import { interfacesOf } from "./topology.ts";
import { StitchWorld } from "./world.test-kit.ts";

const names = ["inside", "outside"];
const segment = fc.oneof(
  fc.record({ kind: fc.constant("network" as const), name: fc.constantFrom(...names, "nowhere") }),
  fc.record({ kind: fc.constantFrom("inner" as const, "outer" as const), name: fc.constant("fw") }),
);
const homes = fc.array(fc.subarray(names, { minLength: 1 }), { maxLength: 6 });

describe("the instances on some segments", () => {
  it("are those that a scan of all instances finds, each once and in their order", () => {
    fc.assert(
      fc.property(homes, fc.nat(3), fc.array(segment, { maxLength: 4 }), (homesOf, replicas, segments) => {
        const { seen } = new StitchWorld(
          network("inside", ["10.1.0.0/16"]),
          network("outside", ["10.2.0.0/16"]),
          ...homesOf.map((home, at) =>
            workload(
              `w-${at}`,
              home.map((name) => ({ network: name })),
            ),
          ),
          group("fw", { replicas: replicas + 1 }),
          chain("edge", "inside", "outside", ["fw"]),
        );
        const wanted = new Set(segments.map(segmentKey));
        for (const world of tenantWorlds(seen))
          expect(instancesOn(world, segments)).toEqual(
            world.instances
              .map(({ value }) => value)
              .filter((value) =>
                interfacesOf(value).some((placed) => wanted.has(segmentKey(placed.segment))),
              ),
          );
      }),
    );
  });
});
