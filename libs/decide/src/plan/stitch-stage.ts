/**
 * The network-stitcher in a simulated world: its decision, and what its steps leave in the network and in its two buckets.
 * Every chassis and every shim follows at once, and every port that is wired is up.
 */
import { followedShims } from "../shim/index.ts";
import type { PortBinding, StitchSeen, StitchStep } from "../stitch/index.ts";
import { decideStitch, isNetworkStep } from "../stitch/index.ts";
import { segmentPortName } from "../stitch/names.ts";
import { interfacesOf } from "../stitch/topology.ts";
import { concernOfRecord, concernOfRow } from "./concerns.ts";
import type { PlannedStep } from "@weft/schemas";
import { isInstance } from "@weft/schemas";
import type { SimulatedWorld } from "./simulated-world.ts";
import { newName, put } from "./simulated-world.ts";

type StepOf<Kind extends StitchStep["kind"]> = Extract<StitchStep, { kind: Kind }>;
type Effects = {
  readonly [Kind in StitchStep["kind"]]: (world: SimulatedWorld, step: StepOf<Kind>) => void;
};

const effects: Effects = {
  putSlots: (world, { key, record }) => put(world, world.slots, key, record),
  removeSlots: (world, { key }) => void world.slots.delete(key),
  putStitched: (world, { key, record }) => put(world, world.stitched, key, record),
  removeStitched: (world, { key }) => void world.stitched.delete(key),
  createSwitch: (world, { row }) => create(world, world.rows.switches, row),
  deleteSwitch: ({ rows }, { id }) => void rows.switches.delete(id),
  createSwitchPort: (world, { row }) =>
    create(world, world.rows.switchPorts, row, idNamed(world.rows.switches, row.switch)),
  changeSwitchPort: ({ rows }, { id, row }) => change(rows.switchPorts, id, row),
  deleteSwitchPort: ({ rows }, { id }) => void rows.switchPorts.delete(id),
  createRouter: (world, { row }) => create(world, world.rows.routers, row),
  deleteRouter: ({ rows }, { id }) => void rows.routers.delete(id),
  createRouterPort: (world, { row }) =>
    create(world, world.rows.routerPorts, row, idNamed(world.rows.routers, row.router)),
  changeRouterPort: ({ rows }, { id, row }) => change(rows.routerPorts, id, row),
  deleteRouterPort: ({ rows }, { id }) => void rows.routerPorts.delete(id),
  createPolicy: (world, { row }) =>
    create(world, world.rows.policies, row, idNamed(world.rows.routers, row.router)),
  changePolicy: ({ rows }, { id, row }) => change(rows.policies, id, row),
  deletePolicy: ({ rows }, { id }) => void rows.policies.delete(id),
};

export function stitchStage(world: SimulatedWorld, now: string): PlannedStep[] {
  const steps = decideStitch(seenBy(world), now);
  return steps.map((step): PlannedStep => {
    const key = keyOf(step);
    take(world, step);
    const concern = isNetworkStep(step) ? concernOfRow(key) : concernOfRecord(key);
    return { service: "network-stitcher", kind: step.kind, why: step.why, key, ...concern };
  });
}

function seenBy({ rows, ...world }: SimulatedWorld): StitchSeen {
  const chassis = new Map([...world.nodes].map(([name, { value }]) => [name, value.chassis]));
  const bindings = new Map<string, PortBinding>();
  for (const { value } of world.placements.values()) {
    if (value.kind === "uplink" && value.active !== null)
      bindings.set(segmentPortName(value.tenant, value.name), { chassis: value.active.chassis, up: true });
    if (!isInstance(value) || world.things.get(value.uid)?.wiring === undefined) continue;
    for (const { port } of interfacesOf(value))
      bindings.set(port, { chassis: chassis.get(value.node), up: true });
  }
  return {
    ...world,
    shims: followedShims(world, ({ uid }) => world.things.get(uid)?.wiring !== undefined),
    bindings,
    foreignPorts: new Map(), // a gateway does not see OVN's rows
    progress: { wanted: 1, compiled: 1, applied: new Map([...chassis.values()].map((name) => [name, 1])) },
    network: {
      switches: [...rows.switches.values()],
      switchPorts: [...rows.switchPorts.values()],
      routers: [...rows.routers.values()],
      routerPorts: [...rows.routerPorts.values()],
      policies: [...rows.policies.values()],
    },
  };
}

function take<Kind extends StitchStep["kind"]>(world: SimulatedWorld, step: StepOf<Kind>): void {
  const effect: (world: SimulatedWorld, step: StepOf<Kind>) => void = effects[step.kind];
  effect(world, step);
}

/** Of the record, or of the row. */
function keyOf(step: StitchStep): string {
  if (!isNetworkStep(step) || "key" in step) return step.key;
  return step.row.key;
}

function create<Row extends object>(
  world: SimulatedWorld,
  rows: Map<string, Row & { readonly id: string; readonly parentId?: string }>,
  row: Row,
  parentId?: string,
): void {
  const id = newName(world, "row");
  rows.set(id, { ...row, id, ...(parentId === undefined ? {} : { parentId }) });
}

function change<Row extends object>(
  rows: Map<string, Row & { readonly id: string; readonly parentId?: string }>,
  id: string,
  row: Row,
): void {
  const parentId = rows.get(id)?.parentId;
  rows.set(id, { ...row, id, ...(parentId === undefined ? {} : { parentId }) });
}

function idNamed(
  rows: ReadonlyMap<string, { readonly id: string; readonly name: string }>,
  name: string,
): string | undefined {
  for (const row of rows.values()) if (row.name === name) return row.id;
  return undefined;
}
