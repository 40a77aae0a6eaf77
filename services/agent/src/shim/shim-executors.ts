/**
 * How each step of a shard's shim is carried out. What was written is noted in the image only once the kernel or the stream has it;
 * where a batch may be half done, the image is given up and read again.
 */
import type { ShimSeen, ShimSight, ShimStep } from "@weft/decide";
import { ownersOf, slotOfFlow } from "@weft/decide";
import type { ListName } from "@weft/bus";
import type { Affinity, Flow } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import type { FirstShim } from "./first-shims.ts";
import { flowOf, flowText } from "./flow-text.ts";
import type { Ruleset } from "./ruleset/ruleset.ts";
import type { ShimImage } from "./shim-image.ts";
import { readImage } from "./shim-image.ts";
import { forgetKnown, loadRules, writeOwners, writeWays } from "./shim-kernel.ts";
import type { ShimState } from "./shim-state.ts";

/** What a round works on; what it decided from is `sight`. */
export interface ShimRound {
  /** Of its record. */
  readonly key: string;
  readonly seen: ShimSeen;
  readonly sight: ShimSight;
  readonly rules: Ruleset;
  /** All that there is in a new namespace: good once. */
  readonly first: () => FirstShim | undefined;
  readonly namespacePath: string;
  readonly state: ShimState;
  readonly ports: AgentPorts;
  /** Lists what the shard knows, once for all lists of a round. */
  readonly known: () => Promise<readonly Flow[]>;
}

type StepOf<K extends ShimStep["kind"]> = Extract<ShimStep, { readonly kind: K }>;
type Executors = {
  readonly [K in ShimStep["kind"]]: (step: StepOf<K>, round: ShimRound) => Promise<void>;
};

const executors: Executors = {
  putShim: async ({ record }, { key, state, ports }) => {
    const { bus, views, clock } = ports;
    const ifRevision = state.told(views.shims, key)?.revision ?? 0;
    const revision = await bus.put("shims", key, record, { ifRevision });
    state.wrote({ key, value: record, revision, at: clock.iso() });
  },
  readShim: async (_, round) => {
    const { namespacePath, sight, first, ports, state } = round;
    const order = { namespacePath, giver: giverOf(round), sight, first: first() };
    state.image = await readImage(order, ports);
  },
  loadRules: async (_, round) => {
    await loadRules(round.namespacePath, round.rules);
    imageOf(round).rulesMark = round.rules.mark;
  },
  forgetFlows: async ({ handoffs }, round) => {
    await forgetKnown(round.namespacePath);
    for (const handoff of handoffs) imageOf(round).forgotten.add(handoff);
  },
  steer: async (_, round) => {
    const { next, prev, affinity } = round.sight.wanted;
    const { waiting } = imageOf(round);
    await writeWays(round.namespacePath, { next, prev }, { affinity, waiting });
    Object.assign(imageOf(round), { next, prev, waiting: false });
  },
  loadLists,
  publishList: async ({ duty: { handoff, slots } }, round) => {
    const { affinity } = round.sight.wanted;
    const asked = new Set(slots);
    const flows = (await round.known()).filter((flow) => asked.has(slotOfFlow(affinity, flow)));
    await round.ports.bus.flowLists.put({ ...giverOf(round), id: handoff }, flows);
    const image = imageOf(round);
    image.published.set(handoff, flows.length);
    // Its slots are frozen: what is not in the list never comes.
    image.counts.set(handoff, flows.length);
  },
  withdrawList: async ({ handoff }, round) => {
    await round.ports.bus.flowLists.remove({ ...giverOf(round), id: handoff });
    imageOf(round).published.delete(handoff);
  },
};

export async function executeShimStep(step: ShimStep, round: ShimRound): Promise<void> {
  await run(step.kind, executors[step.kind], { step, round });
}

async function run<K extends ShimStep["kind"]>(
  kind: K,
  executor: Executors[K],
  { step, round }: { readonly step: ShimStep; readonly round: ShimRound },
): Promise<void> {
  const isOfKind = (each: ShimStep): each is StepOf<K> => each.kind === kind;
  if (isOfKind(step)) await executor(step, round);
}

/** Lists that the stream lacks leave what there is of them, and the step is tried again. */
async function loadLists({ lists }: StepOf<"loadLists">, round: ShimRound): Promise<void> {
  const { state, ports, namespacePath, sight } = round;
  const image = imageOf(round);
  const fetched = await Promise.all(
    lists.map(async (list) => {
      const name = { ...giverOf(round), placementUid: list.placementUid, id: list.handoff };
      const flows = state.fetched.get(list.handoff) ?? (await ports.bus.flowLists.get(name));
      if (flows !== undefined) state.fetched.set(list.handoff, flows);
      return { list, flows };
    }),
  );
  const { affinity } = sight.wanted;
  const { owners, leftOver } = ownersOf(
    fetched.map(({ list, flows }) => ({ list, flows: flows?.map((flow) => named(flow, affinity)) })),
    image.owners,
    (text) => slotOfFlow(affinity, flowOf(text)),
  );
  // From here until all batches are in, nobody knows what there is.
  state.image = undefined;
  await writeOwners(namespacePath, image.owners, owners);
  const whole = fetched.filter(({ flows }) => flows !== undefined);
  const held = whole.map(
    ({ list }) => [list.handoff, { in: list.in, out: list.out, slots: list.slots }] as const,
  );
  state.image = { ...image, owners, lists: new Map(held), leftOver };
  const missing = fetched.filter(({ flows }) => flows === undefined).map(({ list }) => list.handoff);
  if (missing.length > 0)
    throw new WeftError(
      "unavailable",
      `The stream has no whole list of flows of the handoffs ${missing.join(", ")}. Their givers put it there again as soon as they see that; ` +
        "until then unknown flows go to them.",
    );
}

function named(flow: Flow, affinity: Affinity): [string, number] {
  return [flowText(flow), slotOfFlow(affinity, flow)];
}

function giverOf({ seen: { shard } }: ShimRound): Omit<ListName, "id"> {
  return { tenant: shard.tenant, group: shard.group, placementUid: shard.uid };
}

/** It may be given up while a step runs: somebody took the table away, or the namespace is another one. */
function imageOf({ state }: ShimRound): ShimImage {
  if (state.image === undefined) throw new WeftError("unavailable", "The shim is not what it was.");
  return state.image;
}
