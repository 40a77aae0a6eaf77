/**
 * The agents' uplinks in a simulated world: the decision of each node that lives, and the bridges that its steps leave there.
 * Which interfaces a node has is its agent's to know: here every one that is asked for is there.
 */
import type { PlannedStep } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import type { SeenBridge, UplinkStep, UplinksSeen } from "../provision/index.ts";
import { decideUplinkBridges } from "../provision/index.ts";
import { concernOfRecord } from "./concerns.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { put } from "./simulated-world.ts";

/** A node's bridges for physical segments and its bridge mappings. */
export interface NodeUplinks {
  readonly bridges: Map<string, SeenBridge>;
  readonly mappings: Map<string, string>;
}

type StepOf<Kind extends UplinkStep["kind"]> = Extract<UplinkStep, { kind: Kind }>;
interface At {
  readonly world: SimulatedWorld;
  readonly uplinks: NodeUplinks;
}
type Effects = { readonly [Kind in UplinkStep["kind"]]: (at: At, step: StepOf<Kind>) => void };

const effects: Effects = {
  makeBridge: ({ uplinks }, { interface: link }) => {
    const name = `bridge of ${link}`;
    uplinks.bridges.set(name, { name, madeFor: link, ports: [{ name: link, down: false }] });
  },
  removeBridge: ({ uplinks }, { bridge }) => void uplinks.bridges.delete(bridge),
  mapNetwork: ({ uplinks }, { physicalNetwork, bridge }) =>
    void uplinks.mappings.set(physicalNetwork, bridge),
  unmapNetwork: ({ uplinks }, { physicalNetwork }) => void uplinks.mappings.delete(physicalNetwork),
  putRealized: ({ world }, { key, record }) => put(world, world.realized, key, record),
  deleteRealized: ({ world }, { key }) => void world.realized.delete(key),
};

export function uplinkStage(world: SimulatedWorld): PlannedStep[] {
  return [...world.nodes.keys()].toSorted().flatMap((node) => {
    const verdict = world.health.get(nodeHealthKey(node))?.value;
    if (verdict?.kind === "node" && verdict.state === "lost") return [];
    const uplinks = world.uplinks.get(node) ?? { bridges: new Map(), mappings: new Map() };
    world.uplinks.set(node, uplinks);
    return decideUplinkBridges(seenOn(node, world, uplinks)).map((step): PlannedStep => {
      take({ world, uplinks }, step);
      const key = "key" in step ? step.key : "interface" in step ? step.interface : keyOf(step);
      const concern = "key" in step ? concernOfRecord(step.key) : { tenant: "", concerns: `node/${node}` };
      return { service: "agent", node, kind: step.kind, why: step.why, key, ...concern };
    });
  });
}

function keyOf(step: Exclude<UplinkStep, { readonly key: string } | { readonly interface: string }>): string {
  return "physicalNetwork" in step ? step.physicalNetwork : step.bridge;
}

function seenOn(node: string, world: SimulatedWorld, { bridges, mappings }: NodeUplinks): UplinksSeen {
  const placements = [...world.placements.values()].flatMap(({ value, revision }) =>
    value.kind === "uplink" && value.nodes.includes(node) ? [{ placement: value, revision }] : [],
  );
  const realized = [...world.realized].flatMap(([key, { value }]) =>
    value.kind === "uplink" && value.node === node ? [[key, value] as const] : [],
  );
  const links = new Map(placements.map(({ placement }) => [placement.interface, []] as const));
  const there = { bridges: [...bridges.values()], mappings, failures: new Map() };
  return { node, placements, links, ...there, realized: new Map(realized) };
}

function take<Kind extends UplinkStep["kind"]>(at: At, step: StepOf<Kind>): void {
  const effect: (at: At, step: StepOf<Kind>) => void = effects[step.kind];
  effect(at, step);
}
