/**
 * Looks whether each placement is still as it was wired and configured: at once where the kernel told of a loss, and slowly
 * everywhere, for what nobody tells (rules, sysctls, shaping). Notes what it finds; mending is a step of the decision.
 */
import type { SeenPlacement } from "@weft/decide";
import { HostShell } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import { everyTick } from "@weft/runtime";
import type { Clock, Log } from "@weft/runtime";
import type { InstancePlacement } from "@weft/schemas";
import type { Inventory } from "../inventory.ts";
import { chainsListed, rulesIn } from "../shim/shim-kernel.ts";
import type { SeenRules } from "../shim/shim-kernel.ts";
import { linkNames } from "../wiring/names.ts";
import { placesOf } from "../wiring/plan.ts";
import type { Place } from "../wiring/plan.ts";
import type { Drifts } from "./drifts.ts";
import type { KernelEvent } from "./kernel-events.ts";
import { watchKernel } from "./kernel-events.ts";
import type { Looked, Question } from "./look-script.ts";
import { firstLost, hostScript, insideScript, lookScript, readLook } from "./look-script.ts";
import { NamespaceIds } from "./namespace-ids.ts";
import { OwnChanges } from "./own-changes.ts";
import { placeContext } from "./place-context.ts";
import type { RulesInForce } from "./rules-in-force.ts";
import { wiringDrift } from "./wiring-drift.ts";

const tickMs = 200;
/** Without news of the kernel's, what is due is looked for this often. */
const dueEveryMs = 1_000;
/** Whether a function's configuration is in force is asked this often: a packet filter that is gone lets everything pass. */
const rulesEveryMs = 10_000;
const atOnce = 16;
/** On a node with much on it slow looks are further apart, so that they take two hundredths of the time at most. */
const restFactor = 50;
/** Wiring makes events of its own: until then a link that changed is no news, and one that is lost waits. */
const settledAfterMs = 3_000;

export interface InsidePorts {
  readonly inventory: Inventory;
  readonly drifts: Drifts;
  readonly rules: RulesInForce;
  readonly placements: () => readonly SeenPlacement[];
  readonly checksumOffload: boolean;
  readonly shimSeen: (uid: string, rules: SeenRules) => void;
  readonly lookMs: number;
  readonly clock: Clock;
  readonly log: Log;
}
/** By the monotonic clock. */
interface Seen {
  readonly wiredAt: number;
  readonly lookedAt: number;
  readonly rulesAt: number;
}
const never = { wiredAt: -Infinity, lookedAt: -Infinity };
type Depth = "all" | "rules";
interface Answered {
  readonly answers: ReadonlyMap<string, Looked>;
  readonly depth: Depth;
}

export class InsideWatch {
  readonly #ports: InsidePorts;
  readonly #shell = new HostShell();
  readonly #seen = new Map<string, Seen>();
  readonly #ids = new NamespaceIds();
  readonly #changes = new OwnChanges();
  /** To be looked at again. */
  #overtaken: string[] = [];
  #told: KernelEvent[] = [];
  #restUntil = 0;
  #busy = Promise.resolve();

  constructor(ports: InsidePorts) {
    this.#ports = ports;
  }

  /** The kernel's events and the slow look, until disposed of. `ownChanged`: something may have happened to a link of the node. */
  start(ownChanged: () => void): Disposable {
    const { clock, log } = this.#ports;
    const open = new DisposableStack();
    open.use(this.#shell);
    open.use(
      watchKernel({ clock, log }, (event) => {
        this.#told.push(event);
        if (typeof event.where !== "number") ownChanged();
      }),
    );
    let [looking, nextAt] = [false, 0];
    const tick = async () => {
      if (looking || (this.#told.length === 0 && clock.monotonicMs() < nextAt)) return;
      [looking, nextAt] = [true, clock.monotonicMs() + dueEveryMs - tickMs / 2];
      try {
        await this.#lookWhereDue();
      } catch (err) {
        log.warn({ err }, "the node's namespaces cannot be looked into");
      }
      looking = false;
    };
    open.use(everyTick(tickMs, () => void tick()));
    return open;
  }

  /** Everything of it was just made. Open vSwitch takes the bound of a new port's bandwidth away: those are looked at soon. */
  wired(placements: readonly SeenPlacement["placement"][]): void {
    const { clock, drifts, lookMs } = this.#ports;
    const now = clock.monotonicMs();
    for (const { uid, resources } of placements) {
      drifts.forget(uid);
      this.#ids.forget(uid);
      this.#changes.made(uid);
      const lookedAt = resources.bandwidth === undefined ? now : now - lookMs + settledAfterMs;
      this.#seen.set(uid, { wiredAt: now, lookedAt, rulesAt: now });
    }
  }

  /** Its configuration is being loaded, and its way for packets opened, until disposed of. */
  loading(uid: string): Disposable {
    return this.#changes.during(uid);
  }

  /** What is in force now is what was loaded just now, as the function's tool prints it. */
  loaded(uid: string, lines: readonly string[]): void {
    const { clock, drifts, rules } = this.#ports;
    rules.keep(uid, lines);
    const { config: _, ...wiring } = drifts.of(uid);
    drifts.note(uid, wiring);
    const now = clock.monotonicMs();
    this.#seen.set(uid, { ...(this.#seen.get(uid) ?? never), rulesAt: now });
  }

  drift(uid: string): string | undefined {
    return this.#ports.drifts.of(uid).wiring;
  }

  gone(uid: string): void {
    this.#ports.drifts.forget(uid);
    this.#ports.rules.forget(uid);
    this.#seen.delete(uid);
    this.#ids.forget(uid);
    this.#changes.forget(uid);
  }

  /** One look at a time, so that an older one never speaks last. */
  look(uids: readonly string[], depth: Depth = "all"): Promise<void> {
    const looked = this.#busy.then(() => this.#look(uids, depth));
    this.#busy = looked.catch(() => undefined);
    return looked;
  }

  async #lookWhereDue(): Promise<void> {
    const { clock, lookMs, placements } = this.#ports;
    const now = clock.monotonicMs();
    const told = this.#told.length === 0 ? [] : await this.#placementsTold();
    told.push(...this.#overtaken.splice(0).filter((uid) => !told.includes(uid)));
    const all = placements().map(({ placement }) => placement);
    const due = (last: number | undefined, everyMs: number) => last === undefined || now - last >= everyMs;
    for (let at = 0; at < told.length; at += atOnce) await this.look(told.slice(at, at + atOnce));
    if (now >= this.#restUntil) {
      const slow = all.filter(({ uid }) => due(this.#seen.get(uid)?.lookedAt, lookMs)).slice(0, atOnce);
      if (slow.length > 0) await this.look(slow.map(({ uid }) => uid));
      this.#restUntil = now + restFactor * (clock.monotonicMs() - now);
    }
    const rules = all
      .filter(({ kind, uid }) => kind === "shard" && due(this.#seen.get(uid)?.rulesAt, rulesEveryMs))
      .map(({ uid }) => uid);
    if (rules.length > 0) await this.look(rules, "rules");
  }

  async #placementsTold(): Promise<string[]> {
    const { clock, placements } = this.#ports;
    const told = this.#told;
    this.#told = [];
    const now = clock.monotonicMs();
    // One that was never looked at is due anyway.
    const isSettled = ({ uid }: { readonly uid: string }) =>
      now - (this.#seen.get(uid)?.wiredAt ?? now) >= settledAfterMs;
    const all = placements().map(({ placement }) => placement);
    const settled = all.filter(isSettled);
    // Those that are being wired have no ids to ask for yet: each question is a process, just while there is most to do.
    const ids = told.some(({ where }) => typeof where === "number") ? await this.#ids.of(settled) : undefined;
    const concerned = ({ where }: KernelEvent, placement: InstancePlacement) => {
      if (where === "anywhere") return true;
      if (typeof where === "number") return ids?.get(placement.uid)?.includes(where) === true;
      return linkNames(placement).includes(where.link);
    };
    const looked = settled.filter((placement) => told.some((event) => concerned(event, placement)));
    const waits = (event: KernelEvent) => event.lost && !looked.some((each) => concerned(event, each));
    if (settled.length < all.length) this.#told.push(...told.filter(waits));
    return looked.map(({ uid }) => uid);
  }

  async #look(uids: readonly string[], depth: Depth): Promise<void> {
    const asked = new Set(uids);
    const targets = this.#ports.placements().filter(({ placement }) => asked.has(placement.uid));
    const places = new Map(targets.map((target) => [target, this.#placesOf(target, depth)]));
    const questions = [...places].flatMap(([{ placement }, own]) =>
      own.map((place, index) => this.#question(placement, `${placement.uid} ${index}`, place, depth)),
    );
    const host: Question[] =
      depth === "all" ? [{ id: "host", namespacePath: undefined, script: hostScript }] : [];
    if (questions.length === 0) return this.#noteLooked(uids, depth);
    const isOvertaken = this.#changes.sinceNow();
    const answers = readLook(await this.#shell.run(lookScript([...host, ...questions])));
    const overtaken = uids.filter(isOvertaken);
    for (const [target, own] of places)
      if (!overtaken.includes(target.placement.uid)) this.#note(target, own, { answers, depth });
    this.#overtaken.push(...overtaken);
    this.#noteLooked(
      uids.filter((uid) => !overtaken.includes(uid)),
      depth,
    );
  }

  #placesOf({ placement }: SeenPlacement, depth: Depth): Place[] {
    const { inventory, checksumOffload } = this.#ports;
    const holder = inventory.owned(placement.uid)?.holder;
    if (!inventory.isWired(placement.uid)) return [];
    const opened = inventory.liveConfig(placement.uid) !== undefined;
    const context = placeContext(placement, holder, { opened, live: true, checksumOffload });
    const places = context === undefined ? [] : placesOf(placement, context);
    return depth === "all" ? places : places.slice(0, 1);
  }

  #question(
    placement: SeenPlacement["placement"],
    id: string,
    { path: namespacePath, contents }: Place,
    depth: Depth,
  ): Question {
    const own = id.endsWith(" 0");
    const live =
      own && placement.kind === "shard" && this.#ports.inventory.liveConfig(placement.uid) !== undefined;
    const rules = live ? functionOf(placement).inForce.argv : undefined;
    return {
      id,
      namespacePath,
      ...(depth === "all" ? { script: insideScript(contents) } : {}),
      ...(rules === undefined ? {} : { rules }),
      ...(own && placement.kind === "shard" ? { chains: ["nft", ...chainsListed] } : {}),
    };
  }

  #note({ placement }: SeenPlacement, places: readonly Place[], { answers, depth }: Answered): void {
    const { drifts } = this.#ports;
    const { uid } = placement;
    const { chains } = answers.get(`${uid} 0`) ?? {};
    if (chains !== undefined) this.#ports.shimSeen(uid, rulesIn(chains));
    const config = this.#lostRule(uid, answers.get(`${uid} 0`)?.rules);
    const { config: _, ...before } = drifts.of(uid);
    const wiring = depth === "all" ? wiringDrift(placement, places, answers) : before;
    drifts.note(uid, { ...wiring, ...(config === undefined ? {} : { config }) });
  }

  #lostRule(uid: string, now: readonly string[] | undefined): string | undefined {
    const { rules, drifts } = this.#ports;
    if (now === undefined) return drifts.of(uid).config;
    const wanted = rules.get(uid);
    if (wanted !== undefined) return firstLost(wanted, now);
    if (now.length > 0) rules.keep(uid, now);
    return undefined;
  }

  #noteLooked(uids: readonly string[], depth: Depth): void {
    const now = this.#ports.clock.monotonicMs();
    for (const uid of uids) {
      const { wiredAt, lookedAt } = this.#seen.get(uid) ?? never;
      this.#seen.set(uid, { wiredAt, lookedAt: depth === "all" ? now : lookedAt, rulesAt: now });
    }
  }
}
