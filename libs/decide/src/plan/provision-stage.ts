/**
 * The agents in a simulated world: the decision of each node that lives, and what its steps leave there and in weft_realized.
 * Texts stand for what an agent would hash; what cannot be known before it is made gets a new name.
 */
import type { InstancePlacement, RealizedRecord, ShardPlacement } from "@weft/schemas";
import { isInstance, nodeHealthKey } from "@weft/schemas";
import { canonicalText } from "../admit/canonical.ts";
import type { ProvisionSeen, ProvisionStep, SeenPlacement, SeenThing } from "../provision/index.ts";
import { decideProvision, provisionOrder, wantedParts } from "../provision/index.ts";
import type { Concern } from "./concerns.ts";
import { concernOfRecord } from "./concerns.ts";
import type { PlannedStep } from "@weft/schemas";
import type { SimulatedWorld } from "./simulated-world.ts";
import { newName, put } from "./simulated-world.ts";

export interface Agents {
  readonly now: string;
  readonly nowMs: number;
  /** The function's configuration as its tool will read it. */
  readonly configText: (placement: ShardPlacement) => string;
}

type StepOf<Kind extends ProvisionStep["kind"]> = Extract<ProvisionStep, { kind: Kind }>;
interface At extends Agents {
  readonly world: SimulatedWorld;
}
type Effects = { readonly [Kind in ProvisionStep["kind"]]: (at: At, step: StepOf<Kind>) => void };

const effects: Effects = {
  putRealized: ({ world }, { key, record }) => put(world, world.realized, key, record),
  deleteRealized: ({ world }, { key }) => void world.realized.delete(key),
  stopProbe: (at, { uid }) => change(at, uid, { probing: false }),
  remove: ({ world }, { uid }) => void world.things.delete(uid),
  stopInstance: (at, { uid }) => without(at, uid, "instance"),
  unwire: (at, { uid }) => {
    change(at, uid, { wires: false });
    without(at, uid, "wiring");
  },
  createHolder: (at, { uid }) =>
    change(at, uid, {
      holder: { id: newName(at.world, "holder"), running: true, namespaceInode: at.world.serial },
    }),
  wire: (at, { uid, target }) => change(at, uid, { wires: true, wiring: target.wanted.wiring }),
  mendWiring: (at, { uid }) => without(at, uid, "drift"),
  startInstance: (at, { uid, target }) =>
    change(at, uid, {
      instance: {
        id: newName(at.world, "instance"),
        running: true,
        spec: target.wanted.spec,
        startedAt: at.now,
      },
    }),
  loadConfig: (at, { uid, target }) =>
    change(at, uid, {
      config: {
        hash: target.wanted.config ?? "",
        generation: target.placement.generation,
        loadedAt: at.now,
      },
    }),
  startProbe: (at, { uid }) => change(at, uid, { probing: true }),
};

export function provisionStage(world: SimulatedWorld, agents: Agents): PlannedStep[] {
  const placed = Map.groupBy(placementsOf(world, agents), ({ placement }) => placement.node);
  const instances = [...world.realized].filter(([, { value }]) => value.kind !== "uplink");
  const reported = Map.groupBy(instances, ([, { value }]) => value.node);
  const nodes = [...world.nodes.keys()].filter((node) => !isLost(world, node)).toSorted(compare);
  return nodes.flatMap((node) => {
    const placements = placed.get(node) ?? [];
    const realized = (reported.get(node) ?? []).map(([key, { value }]) => [key, value] as const);
    const names = namesOf(placements, realized);
    const steps = decideProvision(
      {
        node,
        placements,
        realized: new Map(realized),
        things: thingsOf(world, names),
        slots: new Map([...world.slots].map(([key, { value }]) => [key, value])),
        failures: new Map(),
      } satisfies ProvisionSeen,
      agents.nowMs,
    );
    return inOrder(steps).map((step): PlannedStep => {
      take({ ...agents, world }, step);
      const named = names.get(step.uid) ?? { key: step.uid, tenant: "", concerns: step.uid };
      return { service: "agent", node, kind: step.kind, why: step.why, ...named };
    });
  });
}

function placementsOf(world: SimulatedWorld, { configText }: Agents): SeenPlacement[] {
  return [...world.placements].flatMap(([key, { value, revision }]) => {
    if (!isInstance(value)) return [];
    const wanted = world.wanted.get(value) ?? wantedOf(value, configText);
    world.wanted.set(value, wanted);
    return [{ key, revision, placement: value, wanted }];
  });
}

function wantedOf(placement: InstancePlacement, configText: Agents["configText"]): SeenPlacement["wanted"] {
  const { spec, wiring } = wantedParts(placement);
  return {
    spec: canonicalText(spec),
    wiring: canonicalText(wiring),
    ...(placement.kind === "shard" ? { config: configText(placement) } : {}),
  };
}

/** By uid; also of what has no placement any more but was reported. */
function namesOf(
  placements: readonly SeenPlacement[],
  realized: readonly (readonly [string, RealizedRecord])[],
): Map<string, Concern & { readonly key: string }> {
  return new Map([
    ...realized.map(([key, { placementUid }]) => [placementUid, { key, ...concernOfRecord(key) }] as const),
    ...placements.map(({ key, placement }) => [placement.uid, { key, ...concernOfRecord(key) }] as const),
  ]);
}

function thingsOf(world: SimulatedWorld, names: ReadonlyMap<string, unknown>): Map<string, SeenThing> {
  return new Map(
    [...names.keys()].flatMap((uid) => {
      const thing = world.things.get(uid);
      return thing === undefined ? [] : [[uid, thing] as const];
    }),
  );
}

function isLost({ health }: SimulatedWorld, node: string): boolean {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost";
}

/** As the agent carries them out: kind by kind. */
function inOrder(steps: readonly ProvisionStep[]): ProvisionStep[] {
  return provisionOrder.flatMap((kind) => steps.filter((step) => step.kind === kind));
}

function take<Kind extends ProvisionStep["kind"]>(at: At, step: StepOf<Kind>): void {
  const effect: (at: At, step: StepOf<Kind>) => void = effects[step.kind];
  effect(at, step);
}

function change({ world }: At, uid: string, more: Partial<SeenThing>): void {
  world.things.set(uid, { ...(world.things.get(uid) ?? { uid, wires: false, probing: false }), ...more });
}

function without({ world }: At, uid: string, field: "instance" | "wiring" | "drift"): void {
  const { [field]: _, ...rest } = world.things.get(uid) ?? { uid, wires: false, probing: false };
  world.things.set(uid, rest);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
