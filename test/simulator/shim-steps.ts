/**
 * How the steps of a shim are carried out upon the models of kernel and stream: what is written is noted only once it is there,
 * and where a write may be half done, nobody knows what there is until it has been read.
 */
import type {
  ActualShim,
  FetchedList,
  MacPair,
  OwnedFlows,
  ShimStep,
  WantedList,
  WantedShim,
} from "@weft/decide";
import { forgottenAlready, isUntouched, ownersOf } from "@weft/decide";
import type { ShimRecord } from "@weft/schemas";
import type { Found } from "./bucket.ts";
import type { FlowList } from "./flow-lists.ts";
import type { ShimAct, ShimLoop } from "./shim-loop.ts";
import type { FlowKey } from "./steering.ts";
import { Steering } from "./steering.ts";

export interface ShimImage extends ActualShim {
  next: ActualShim["next"];
  prev: ActualShim["prev"];
  lists: ActualShim["lists"];
  leftOver: boolean;
  waiting: boolean;
  readonly published: Map<number, number>;
  readonly counts: Map<number, number>;
  readonly forgotten: Set<number>;
}

/** What a round works on. */
interface Round {
  readonly wanted: WantedShim;
  readonly slotsKnown: boolean;
  readonly told: Found<ShimRecord> | undefined;
  /** What the shard knows, read once for all lists of a round, and how often that had changed by then. */
  known?: { readonly flows: FlowList; readonly changes: number };
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
  const seen = { wanted, slotsKnown, told: told?.value, about: { namespaceInode: instance.inode } };
  const isNew = isUntouched(seen);
  const { next, prev, owner } = isNew ? new Steering() : instance.steering;
  const published = world.stream.idsOf(uid).map((id) => [id, world.stream.get(uid, id)?.size ?? 0] as const);
  loop.image = {
    next,
    prev,
    lists: new Map(),
    leftOver: owner.size > 0,
    waiting: instance.steering.waiting,
    published: new Map(published),
    counts: new Map(),
    forgotten: new Set(forgottenAlready(seen)),
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
  Object.assign(instance.steering, { next, prev, waiting: false });
  Object.assign(image, { next, prev, waiting: false });
}

/** In batches: what goes, then what comes; in between some of it is there. */
function loadLists(loop: ShimLoop, lists: readonly WantedList[]): ShimAct[] {
  const { world, instance } = loop;
  const { steering } = instance;
  let before: ShimImage;
  let fetched: readonly FetchedList<FlowKey>[] = [];
  let loaded: OwnedFlows<FlowKey> = { owners: new Map(), leftOver: false };
  const slotOf = (flow: FlowKey) => world.slotsOfFlows.get(flow) ?? -1;
  return [
    () =>
      withImage(loop, (image) => {
        before = image;
        fetched = lists.map((list) => ({
          list,
          flows: world.stream.get(list.placementUid, list.handoff),
        }));
        loaded = ownersOf(fetched, steering.owner, slotOf);
        steering.owner = halfWay(steering.owner, loaded.owners);
        loop.image = undefined;
      }),
    () => {
      steering.owner = loaded.owners;
      const whole = fetched.filter(({ flows }) => flows !== undefined);
      loop.image = {
        ...before,
        lists: new Map(whole.map(({ list }) => [list.handoff, list])),
        leftOver: loaded.leftOver,
      };
      return whole.length === fetched.length;
    },
  ];
}

function halfWay(
  before: ReadonlyMap<FlowKey, MacPair>,
  after: ReadonlyMap<FlowKey, MacPair>,
): Map<FlowKey, MacPair> {
  const stay = [...after].filter(([flow, macs]) => before.get(flow)?.in === macs.in);
  const come = [...after].filter(([flow, macs]) => before.get(flow)?.in !== macs.in);
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
    () => withImage(loop, () => void (round.known ??= listing(instance.steering))),
    () =>
      withImage(loop, (image) => {
        const { flows: known, changes } = round.known ?? listing(instance.steering);
        const flows = new Map([...known].filter(([, slot]) => asked.has(slot)));
        world.stream.put(instance.placement.uid, handoff, flows);
        image.published.set(handoff, flows.size);
        // Its slots are frozen: what is not in the list never comes.
        image.counts.set(handoff, flows.size);
        loop.countedAt.set(handoff, changes);
      }),
  ];
}

function listing(steering: Steering): NonNullable<Round["known"]> {
  return { flows: steering.known(), changes: steering.changes };
}

function withdraw({ world, instance }: ShimLoop, image: ShimImage, handoff: number): void {
  world.stream.remove(instance.placement.uid, handoff);
  image.published.delete(handoff);
}

/** A look into `known`, while something drains: what was found is told a moment later. */
export function countActs(loop: ShimLoop, { count }: WantedShim): ShimAct[] {
  const { image, instance, countedAt } = loop;
  const { steering } = instance;
  if (image === undefined || count.every(({ handoff }) => image.counts.get(handoff) === 0)) return [];
  const isCounted = ({ handoff }: WantedShim["count"][number]) =>
    image.counts.has(handoff) && countedAt.get(handoff) === steering.changes;
  if (count.every(isCounted)) return [];
  let found: (readonly [number, number])[] = [];
  return [
    () => {
      for (const { handoff } of count) countedAt.set(handoff, steering.changes);
      const slots = [...steering.known().values()];
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
