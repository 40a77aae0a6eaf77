/**
 * The world in which a plan is made: the records as they are, what would run on the nodes, the network that OVN would have.
 * It changes only by the effects of steps (the files beside this one); the records that it was made from stay as they are.
 */
import type {
  AccessRecord,
  HealthRecord,
  IntentRecord,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  ShimRecord,
  SlotsRecord,
  StitchedRecord,
} from "@weft/schemas";
import type { SeenPlacement, SeenThing } from "../provision/index.ts";
import type { Found, Records } from "../schedule/seen.ts";
import type { ActualNetwork } from "../stitch/index.ts";
import type { NodeUplinks } from "./uplink-stage.ts";

export interface PlanRecords {
  readonly intents: Records<IntentRecord>;
  readonly placements: Records<PlacementRecord>;
  readonly realized: Records<RealizedRecord>;
  readonly nodes: Records<NodeRecord>;
  readonly slots: Records<SlotsRecord>;
  readonly stitched: Records<StitchedRecord>;
  readonly health: Records<HealthRecord>;
  readonly access: Records<AccessRecord>;
  readonly shims: Records<ShimRecord>;
}

type Bucket<T> = Map<string, Found<T>>;
export type Table = keyof ActualNetwork;
export type Rows = { readonly [T in Table]: Map<string, ActualNetwork[T][number]> };

export interface SimulatedWorld {
  readonly intents: Bucket<IntentRecord>;
  readonly placements: Bucket<PlacementRecord>;
  readonly realized: Bucket<RealizedRecord>;
  readonly nodes: Records<NodeRecord>;
  readonly access: Records<AccessRecord>;
  /** As they were: what shards know of flows when the plan begins. */
  readonly shims: Records<ShimRecord>;
  readonly slots: Bucket<SlotsRecord>;
  readonly stitched: Bucket<StitchedRecord>;
  readonly health: Bucket<HealthRecord>;
  /** By the placement's uid. */
  readonly things: Map<string, SeenThing>;
  /** By the node's name. */
  readonly uplinks: Map<string, NodeUplinks>;
  /** What each placement wants of its node, told once for each revision: that is most of a round's work. */
  readonly wanted: Map<PlacementRecord, SeenPlacement["wanted"]>;
  /** Rows of the northbound database by their id. */
  readonly rows: Rows;
  /** Of the last write, or the last name that was given: grows with each. */
  serial: number;
}

/** Nothing runs and the network is empty: settling such a world makes both what the records say. */
export function simulatedWorld(records: PlanRecords): SimulatedWorld {
  const { intents, placements, realized, nodes, slots, stitched, health, access, shims } = records;
  const written: readonly Records<unknown>[] = [intents, placements, realized, slots, stitched, health];
  const revisions = written.flatMap((bucket) => [...bucket.values()].map(({ revision }) => revision));
  return {
    nodes,
    access,
    shims,
    intents: new Map(intents),
    placements: new Map(placements),
    realized: new Map(realized),
    slots: new Map(slots),
    stitched: new Map(stitched),
    health: new Map(health),
    things: new Map(),
    uplinks: new Map(),
    wanted: new Map(),
    rows: {
      switches: new Map(),
      switchPorts: new Map(),
      routers: new Map(),
      routerPorts: new Map(),
      policies: new Map(),
    },
    serial: revisions.reduce((highest, revision) => Math.max(highest, revision), 0),
  };
}

export function put<T>(world: SimulatedWorld, bucket: Bucket<T>, key: string, value: T): void {
  world.serial += 1;
  bucket.set(key, { value, revision: world.serial });
}

/** A name that nothing in this world has yet. */
export function newName(world: SimulatedWorld, what: string): string {
  world.serial += 1;
  return `new-${what}-${world.serial}`;
}
