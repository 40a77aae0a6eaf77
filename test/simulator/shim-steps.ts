/**
 * How the steps of a shim are carried out upon the models of kernel and stream: what is written is noted only once it is there,
 * and where a write may be half done, nobody knows what there is until it has been read.
 */
import type { ActualShim, ShimStep, WantedList, WantedShim } from "@weft/decide";
import type { ShimRecord } from "@weft/schemas";
import type { Found } from "./bucket.ts";
import type { FlowList } from "./flow-lists.ts";
import type { ShimAct, ShimLoop } from "./shim-loop.ts";
import type { FlowKey, Owned } from "./steering.ts";
import { Steering } from "./steering.ts";

export interface ShimImage extends ActualShim {
  next: ActualShim["next"];
  prev: ActualShim["prev"];
  lists: ActualShim["lists"];
  leftOver: boolean;
  readonly published: Map<number, number>;
  readonly counts: Map<number, number>;
  readonly forgotten: Set<number>;
}

/** What a round works on. */
interface Round {
  readonly wanted: WantedShim;
  readonly slotsKnown: boolean;
  readonly told: Found<ShimRecord> | undefined;
  /** What the shard knows, read once for all lists of a round. */
  known?: FlowList;
}

export function stepActs(loop: ShimLoop, steps: readonly ShimStep[], round: Round): ShimAct[] {
  return steps.flatMap((step) => actsOf(loop, step, round));
}

function actsOf(loop: ShimLoop, step: ShimStep, round: Round): ShimAct[] {
  switch (step.kind) {
    case "putShim":
      return [() => putShim(loop, step.record, round.told)];
    case "readShim":
      return [() => read(loop, round)];
    case "loadRules":
      return [];
    case "forgetFlows":
      return [() => withImage(loop, (image) => forgetFlows(loop, image, step.handoffs))];
    case "steer":
      return [() => withImage(loop, (image) => steer(loop, image, round.wanted))];
    case "loadLists":
      return loadLists(loop, step.lists);
    case "publishList":
      return publishList(loop, step.duty, round);
    case "withdrawList":
      return [() => withImage(loop, (image) => withdraw(loop, image, step.handoff))];
  }
}

function withImage({ image }: ShimLoop, work: (image: ShimImage) => void): boolean {
  if (image !== undefined) work(image);
  return image !== undefined;
}

function putShim({ world, instance, key }: ShimLoop, record: ShimRecord, told: Round["told"]): boolean {
  const says = record.handoffs.map(({ id, reached }) => `${id} ${reached}`).join(", ");
  world.note(`${instance.placement.name} says ${says}`);
  return world.shims.write(key, record, told?.revision ?? 0);
}

/** That entries are there does not tell whose list is whole. A namespace of which nothing was told yet has nothing to read. */
function read(loop: ShimLoop, { wanted, slotsKnown, told }: Round): boolean {
  const { world, instance } = loop;
  const { uid } = instance.placement;
  const isNew = told === undefined ? !slotsKnown : told.value.namespaceInode !== instance.inode;
  const { next, prev, owner } = isNew ? new Steering() : instance.steering;
  const published = world.stream.idsOf(uid).map((id) => [id, world.stream.get(uid, id)?.size ?? 0] as const);
  const said = told?.value.handoffs.flatMap(({ id, reached }) => (reached === "drained" ? [id] : [])) ?? [];
  const forgotten = wanted.forget.flatMap(({ handoff }) =>
    isNew || said.includes(handoff) ? [handoff] : [],
  );
  loop.image = {
    next,
    prev,
    lists: new Map(),
    leftOver: owner.size > 0,
    published: new Map(published),
    counts: new Map(),
    forgotten: new Set(forgotten),
  };
  return true;
}

function forgetFlows({ world, instance }: ShimLoop, image: ShimImage, handoffs: readonly number[]): void {
  world.note(`${instance.placement.name} forgets its flows`);
  instance.steering.forgetAll();
  for (const handoff of handoffs) image.forgotten.add(handoff);
}

/** One transaction. */
function steer({ instance }: ShimLoop, image: ShimImage, { next, prev }: WantedShim): void {
  Object.assign(instance.steering, { next, prev });
  Object.assign(image, { next, prev });
}

/** In batches: what goes, then what comes; in between some of it is there. */
function loadLists(loop: ShimLoop, lists: readonly WantedList[]): ShimAct[] {
  const { world, instance } = loop;
  const { steering } = instance;
  let before: ShimImage;
  let fetched: readonly (readonly [WantedList, FlowList | undefined])[] = [];
  let loaded: Loaded = { owners: new Map(), leftOver: false };
  return [
    () =>
      withImage(loop, (image) => {
        before = image;
        fetched = lists.map((list) => [list, world.stream.get(list.placementUid, list.handoff)]);
        loaded = ownersOf(fetched, steering.owner);
        steering.owner = halfWay(steering.owner, loaded.owners);
        loop.image = undefined;
      }),
    () => {
      steering.owner = loaded.owners;
      const whole = fetched.filter(([, flows]) => flows !== undefined);
      loop.image = {
        ...before,
        lists: new Map(whole.map(([list]) => [list.handoff, list])),
        leftOver: loaded.leftOver,
      };
      return whole.length === fetched.length;
    },
  ];
}

interface Loaded {
  readonly owners: ReadonlyMap<FlowKey, Owned>;
  /** Some of them stay without their list. */
  readonly leftOver: boolean;
}

/** Of a flow in two lists the later one counts. Of a list that is not to be had, what is there already stays. */
function ownersOf(
  fetched: readonly (readonly [WantedList, FlowList | undefined])[],
  held: ReadonlyMap<FlowKey, Owned>,
): Loaded {
  const owners = new Map<FlowKey, Owned>();
  let leftOver = false;
  for (const [{ in: inner, out, slots }, flows] of fetched) {
    const asked = new Set(slots);
    const macs = { in: inner, out };
    if (flows === undefined) {
      for (const [flow, owned] of held) {
        if (owned.macs.in !== inner || !asked.has(owned.slot)) continue;
        owners.set(flow, owned);
        leftOver = true;
      }
    } else for (const [flow, slot] of flows) if (asked.has(slot)) owners.set(flow, { slot, macs });
  }
  return { owners, leftOver };
}

function halfWay(
  before: ReadonlyMap<FlowKey, Owned>,
  after: ReadonlyMap<FlowKey, Owned>,
): Map<FlowKey, Owned> {
  const stay = [...after].filter(([flow, { macs }]) => before.get(flow)?.macs.in === macs.in);
  const come = [...after].filter(([flow, { macs }]) => before.get(flow)?.macs.in !== macs.in);
  return new Map([...stay, ...come.slice(0, come.length / 2)]);
}

function publishList(
  loop: ShimLoop,
  { handoff, slots }: { readonly handoff: number; readonly slots: readonly number[] },
  round: Round,
): ShimAct[] {
  const { world, instance } = loop;
  const asked = new Set(slots);
  return [
    () => withImage(loop, () => void (round.known ??= instance.steering.known())),
    () =>
      withImage(loop, (image) => {
        const flows = new Map([...(round.known ?? [])].filter(([, slot]) => asked.has(slot)));
        world.stream.put(instance.placement.uid, handoff, flows);
        image.published.set(handoff, flows.size);
        // Its slots are frozen: what is not in the list never comes.
        image.counts.set(handoff, flows.size);
      }),
  ];
}

function withdraw({ world, instance }: ShimLoop, image: ShimImage, handoff: number): void {
  world.stream.remove(instance.placement.uid, handoff);
  image.published.delete(handoff);
}

/** A look into `known`, while something drains: what was found is told a moment later. */
export function countActs(loop: ShimLoop, { count }: WantedShim): ShimAct[] {
  const { image, instance } = loop;
  if (image === undefined || count.every(({ handoff }) => image.counts.get(handoff) === 0)) return [];
  const isCounted = count.every(({ handoff }) => image.counts.has(handoff));
  if (isCounted && loop.lookedAt === instance.steering.changes) return [];
  let found: (readonly [number, number])[] = [];
  return [
    () => {
      loop.lookedAt = instance.steering.changes;
      const slots = [...instance.steering.known().values()];
      found = count.map(({ handoff, slots: asked }) => [
        handoff,
        slots.filter((slot) => asked.includes(slot)).length,
      ]);
      return true;
    },
    () => {
      for (const [handoff, flows] of found) loop.image?.counts.set(handoff, flows);
      return true;
    },
  ];
}
