/** What holds in any history of shards that come, go, fail and of chassis that hang. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain, group, network } from "../admit/world.test-kit.ts";
import { mayLeave } from "../provision/may-leave.ts";
import { emptyNetwork } from "./network.ts";
import type { ActualNetwork } from "./network.ts";
import { isNetworkStep } from "./step.ts";
import { StitchWorld } from "./world.test-kit.ts";

const documents = (replicas: number) => [
  network("inside", ["10.1.0.0/16", "fd00:1::/64"]),
  network("outside", ["10.2.0.0/16", "fd00:2::/64"]),
  group("fw", { replicas }),
  chain("edge", "inside", "outside", ["fw"]),
];

type Event =
  | { kind: "scale"; replicas: number }
  | { kind: "ready" | "fail"; shard: number }
  | { kind: "freeze" | "thaw"; node: number }
  | { kind: "round" | "follow" };
const anEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("scale" as const), replicas: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constantFrom("ready" as const, "fail" as const), shard: fc.nat(5) }),
  fc.record({ kind: fc.constantFrom("freeze" as const, "thaw" as const), node: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom("round" as const, "follow" as const) }),
  fc.record({ kind: fc.constantFrom("round" as const, "follow" as const) }),
);

/** What each chassis does now: the network as it was when it last followed. */
class Chassis {
  readonly applied = new Map<string, ActualNetwork>();

  follow(world: StitchWorld): void {
    world.follow();
    for (const node of world.nodes) if (!world.frozen.has(node)) this.applied.set(node, world.seen.network);
  }

  /** Shards that some policy somewhere still sends traffic to. */
  targets(world: StitchWorld): Set<string> {
    const networks = [world.seen.network, ...this.applied.values()];
    const nexthops = new Set(
      networks.flatMap(({ policies }) => policies.flatMap((policy) => policy.nexthops)),
    );
    return new Set(
      [...world.seen.placements.values()].flatMap(({ value }) =>
        value.kind === "shard" &&
        value.interfaces.some(({ addresses }) =>
          addresses.some((text) => nexthops.has(text.split("/")[0] ?? "")),
        )
          ? [value.name]
          : [],
      ),
    );
  }
}

function happen(world: StitchWorld, chassis: Chassis, event: Event): void {
  const shard = "shard" in event ? `fw-${event.shard}` : "";
  const node = "node" in event ? `node-${event.node + 1}` : "";
  if (event.kind === "scale") world.apply(...documents(event.replicas));
  else if (event.kind === "ready") world.shards(shard);
  else if (event.kind === "fail") world.fail(shard);
  else if (event.kind === "freeze") world.frozen.add(node);
  else if (event.kind === "thaw") world.frozen.delete(node);
  else if (event.kind === "round") world.round();
  else chassis.follow(world);
}

describe("any history", () => {
  it("lets no ready shard go that some chassis may still send traffic to", () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 30 }), (events) => {
        const world = new StitchWorld(...documents(4)).shards("fw-0", "fw-1", "fw-2", "fw-3").settle();
        const chassis = new Chassis();
        chassis.follow(world);
        for (const event of events) {
          happen(world, chassis, event);
          const slots = new Map([...world.seen.slots].map(([key, { value }]) => [key, value]));
          for (const name of chassis.targets(world)) {
            const { value: placement, revision = 0 } = world.seen.placements.get(`demo.shard.${name}`) ?? {};
            if (placement?.kind !== "shard" || !placement.leaving) continue;
            const verdict = world.seen.health.get(`demo.shard.${name}`)?.value;
            if (verdict?.state === "ready") expect(mayLeave({ placement, revision }, slots)).toBe(false);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("ends in a network that is asked for nothing more, with every slot at a ready shard", () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 25 }), (events) => {
        const world = new StitchWorld(...documents(2));
        const chassis = new Chassis();
        for (const event of events) happen(world, chassis, event);
        world.frozen.clear();
        world.settle();
        expect(world.round()).toEqual([]);
        const ready = [...world.seen.health.values()].flatMap(({ value }) =>
          value.kind === "shard" && value.state === "ready" ? [value.name] : [],
        );
        const staying = ready.filter((name) => {
          const placement = world.seen.placements.get(`demo.shard.${name}`)?.value;
          return placement?.kind === "shard" && !placement.leaving;
        });
        const owners = new Set(world.slots("fw")?.owners);
        if (staying.length > 0) expect(owners).toEqual(new Set(staying));
      }),
      { numRuns: 100 },
    );
  });

  it("has policies of equal priority only where they cannot meet", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (replicas) => {
        const world = new StitchWorld(...documents(replicas));
        for (let index = 0; index < replicas; index += 1) world.shards(`fw-${index}`);
        world.settle();
        const seen = new Set<string>();
        for (const { priority, match, nexthops } of world.seen.network.policies) {
          expect(priority).toBeLessThanOrEqual(32_767);
          const place = `${priority} ${match}`;
          expect(seen.has(place), `${place} ${nexthops.join()}`).toBe(false);
          seen.add(place);
        }
      }),
    );
  });
});

describe("rows", () => {
  it("come and go by their key alone, whatever their order", () => {
    const world = new StitchWorld(...documents(2)).shards("fw-0", "fw-1").settle();
    const { network: there } = world.seen;
    world.seen.network = {
      ...there,
      policies: there.policies.toReversed(),
      switchPorts: there.switchPorts.toReversed(),
    };
    expect(world.round()).toEqual([]);
    world.seen.network = {
      ...there,
      policies: [...there.policies, ...there.policies.map((row) => ({ ...row, id: `z-${row.id}` }))],
    };
    expect(
      world
        .round()
        .filter(isNetworkStep)
        .every(({ kind }) => kind === "deletePolicy"),
    ).toBe(true);
    world.seen.network = emptyNetwork;
    expect(
      world
        .round()
        .filter(isNetworkStep)
        .every(({ kind }) => kind.startsWith("create")),
    ).toBe(true);
  });
});
