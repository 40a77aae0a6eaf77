import { isInstance } from "@weft/schemas";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { group, network, workload } from "../admit/world.test-kit.ts";
import { decideSchedule } from "./decide-schedule.ts";
import { defaultSchedulePolicy } from "./given-up-nodes.ts";
import type { ScheduleSeen } from "./seen.ts";
import { SimulatedWorld, actors, at } from "./simulated-world.test-kit.ts";

type Event = (world: SimulatedWorld) => void;

const name = fc.constantFrom("a", "b");
const networks = [network("inside", ["10.1.0.0/24", "fd00:1::/64"]), network("outside", ["10.2.0.0/29"])];
const anyGroup = fc
  .tuple(
    name,
    fc.integer({ min: 1, max: 6 }),
    fc.constantFrom("drop", "accept"),
    fc.constantFrom("0.1", "0.5"),
  )
  .map(([n, replicas, rule, cpu]) => group(n, { replicas, config: { default: rule }, resources: { cpu } }));
const given = fc.constantFrom("10.1.0.2", "10.1.0.3");
const anyWorkload = fc
  .tuple(fc.constantFrom("v", "w", "x"), fc.option(given), fc.constantFrom("sleep", "watch"))
  .map(([n, address, command]) =>
    workload(
      n,
      [address === null ? { network: "inside" } : { network: "inside", address }, { network: "outside" }],
      {
        command: [command],
      },
    ),
  );
const nodeIsRemoved: Event = (world) => world.removeNode("node-3");
const nodeIsLostAndBack: readonly Event[] = [
  (world) => world.lose("node-2"),
  (world) => world.pass(defaultSchedulePolicy.replaceMs),
  (world) => world.find("node-2"),
];
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(nodeIsRemoved) },
  { weight: 2, arbitrary: fc.constantFrom(...nodeIsLostAndBack) },
  {
    weight: 3,
    arbitrary: anyGroup.map(
      (one): Event =>
        (world) =>
          world.apply(one),
    ),
  },
  {
    weight: 3,
    arbitrary: anyWorkload.map(
      (one): Event =>
        (world) =>
          world.apply(one),
    ),
  },
  {
    weight: 1,
    arbitrary: anyGroup.map(
      (one): Event =>
        (world) =>
          world.remove(one),
    ),
  },
  {
    weight: 1,
    arbitrary: anyWorkload.map(
      (one): Event =>
        (world) =>
          world.remove(one),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...actors).map(
      (actor): Event =>
        (world) =>
          world.act(actor),
    ),
  },
);
const history = fc.array(event, { maxLength: 40 });

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld();
  for (const node of ["node-1", "node-2", "node-3"]) world.node(node);
  for (const one of networks) world.apply(one);
  return world;
}

/** `<tenant>/<segment>/<address>` of every interface, probes too. */
function addressesIn(world: SimulatedWorld): string[] {
  return [...world.placements.values()].flatMap(({ value }) => {
    if (!isInstance(value)) return [];
    const probes = value.kind === "shard" ? [value.probe.inner, value.probe.outer] : [];
    return [...value.interfaces, ...probes].flatMap(({ segment, addresses }) =>
      addresses.map((one) => `${value.tenant}/${segment.kind}/${segment.name}/${one.split("/")[0] ?? ""}`),
    );
  });
}

function expectSafe(world: SimulatedWorld): void {
  const addresses = addressesIn(world);
  expect(new Set(addresses).size).toBe(addresses.length);
  const placements = [...world.placements.values()].map(({ value }) => value);
  const indices = placements.flatMap((one) => (one.kind === "shard" ? [`${one.group}/${one.index}`] : []));
  expect(new Set(indices).size).toBe(indices.length);
  for (const key of world.realized.keys()) expect(world.placements.has(key)).toBe(true);
}

/** Two of them asking for one address cannot be admitted together. */
function hasClash(world: SimulatedWorld): boolean {
  const given = [...world.intents.values()].flatMap(({ value: { document } }) =>
    document.kind === "Workload" ? document.spec.networks.flatMap(({ address }) => address ?? []) : [],
  );
  return new Set(given).size < given.length;
}

describe("the scheduler in a world that changes under it", () => {
  it("never gives an address or an index twice and forgets nothing that runs", () => {
    fc.assert(
      fc.property(history, (events) => {
        const world = newWorld();
        for (const happens of events) {
          happens(world);
          if (hasClash(world)) return;
          expectSafe(world);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("arrives at what is wanted, and then has nothing to do", () => {
    fc.assert(
      fc.property(history, (events) => {
        const world = newWorld();
        for (const happens of events) happens(world);
        if (hasClash(world)) return;
        world.find("node-2");
        world.settle();
        expect(decideSchedule(world, at)).toEqual([]);
        expect(counts(world)).toEqual(wanted(world));
        expectSafe(world);
      }),
      { numRuns: 300 },
    );
  });

  it("decides the same whatever the order of the records", () => {
    const shuffled = (records: ReadonlyMap<string, unknown>) =>
      fc.shuffledSubarray([...records], { minLength: records.size }).map((all) => new Map(all));
    fc.assert(
      fc.property(
        history.chain((events) => {
          const world = newWorld();
          for (const happens of events) happens(world);
          const buckets = [
            "intents",
            "placements",
            "realized",
            "nodes",
            "health",
            "slots",
            "access",
            "shims",
          ] as const;
          return fc.tuple(fc.constant(world), fc.tuple(...buckets.map((one) => shuffled(world[one]))));
        }),
        ([world, [intents, placements, realized, nodes, health, slots, access, shims]]) => {
          const other = {
            intents,
            placements,
            realized,
            nodes,
            health,
            slots,
            access,
            shims,
          } as unknown as ScheduleSeen;
          expect(decideSchedule(other, at)).toEqual(decideSchedule(world, at));
        },
      ),
    );
  });
});

/** How many instances each group and workload has that run and stay. */
function counts(world: SimulatedWorld): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { value } of world.placements.values()) {
    if (!isInstance(value)) continue;
    expect(value.leaving).toBe(false);
    const owner = value.kind === "shard" ? `group ${value.group}` : `workload ${value.name}`;
    result[owner] = (result[owner] ?? 0) + 1;
  }
  return result;
}

function wanted(world: SimulatedWorld): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { value } of world.intents.values()) {
    const { document } = value;
    if (document.kind === "FunctionGroup") result[`group ${document.metadata.name}`] = document.spec.replicas;
    if (document.kind === "Workload") result[`workload ${document.metadata.name}`] = 1;
  }
  return result;
}
