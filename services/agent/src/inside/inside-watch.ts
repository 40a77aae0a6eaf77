/**
 * When it is looked whether each placement is still as it was wired and configured: at once where the kernel told of a loss, and slowly
 * everywhere, for what nobody tells (rules, sysctls, shaping). What is found is noted (inside-look.ts); mending is a step of the decision.
 */
import { everyTick } from "@weft/runtime";
import type { Clock, Log } from "@weft/runtime";
import type { InstancePlacement } from "@weft/schemas";
import { InsideLook } from "./inside-look.ts";
import type { Depth, LookPorts } from "./inside-look.ts";
import { watchKernel } from "./kernel-events.ts";
import { KernelNews } from "./kernel-news.ts";
import { OwnChanges } from "./own-changes.ts";

/** So long after news of the kernel's the others of the same change are there too. */
const soonMs = 200;
/** Without any, what is due is looked for this often. */
const dueEveryMs = 1_000;
/** Whether a function's configuration is in force is asked this often: a packet filter that is gone lets everything pass. */
const rulesEveryMs = 10_000;
const atOnce = 16;
/** On a node with much on it slow looks are further apart, so that they take two hundredths of the time at most. */
const restFactor = 50;
/** Wiring makes events of its own for so long. */
const settledAfterMs = 3_000;

export interface InsidePorts extends LookPorts {
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

export class InsideWatch {
  readonly #ports: InsidePorts;
  readonly #changes = new OwnChanges();
  readonly #news = new KernelNews();
  readonly #inside: InsideLook;
  readonly #seen = new Map<string, Seen>();
  /** To be looked at again. */
  #overtaken: string[] = [];
  #restUntil = 0;
  #busy = Promise.resolve();

  constructor(ports: InsidePorts) {
    this.#ports = ports;
    this.#inside = new InsideLook(ports, this.#changes);
  }

  /** The kernel's events and the slow look, until disposed of. `ownChanged`: something may have happened to a link of the node. */
  start(ownChanged: () => void): Disposable {
    const { clock, log } = this.#ports;
    const open = new DisposableStack();
    open.use(this.#inside);
    let looking = false;
    let soon: Disposable | undefined;
    const look = async () => {
      if (looking) return;
      looking = true;
      try {
        await this.#lookWhereDue();
      } catch (err) {
        log.warn({ err }, "the node's namespaces cannot be looked into");
      }
      looking = false;
      // Told meanwhile, or of what is being wired still.
      if (!this.#news.isEmpty()) lookSoon();
    };
    const lookSoon = () => {
      if (open.disposed) return;
      soon ??= clock.after(soonMs, () => {
        soon = undefined;
        void look();
      });
    };
    open.use(
      watchKernel({ clock, log }, (event) => {
        this.#news.note(event);
        if (typeof event.where !== "number") ownChanged();
        lookSoon();
      }),
    );
    open.defer(() => soon?.[Symbol.dispose]());
    open.use(everyTick(dueEveryMs, () => void look()));
    return open;
  }

  /** Everything of it was just made. Open vSwitch takes the bound of a new port's bandwidth away: those are looked at soon. */
  wired(placements: readonly InstancePlacement[]): void {
    const { clock, drifts, lookMs } = this.#ports;
    const now = clock.monotonicMs();
    for (const { uid, resources } of placements) {
      drifts.forget(uid);
      this.#news.forget(uid);
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
    this.#news.forget(uid);
    this.#changes.forget(uid);
  }

  /** One look at a time, so that an older one never speaks last. */
  look(uids: readonly string[], depth: Depth = "all"): Promise<void> {
    const looked = this.#busy.then(() => this.#look(uids, depth));
    this.#busy = looked.catch(() => undefined);
    return looked;
  }

  async #look(uids: readonly string[], depth: Depth): Promise<void> {
    const overtaken = await this.#inside.look(uids, depth);
    this.#overtaken.push(...overtaken);
    const now = this.#ports.clock.monotonicMs();
    for (const uid of uids) {
      if (overtaken.includes(uid)) continue;
      const { wiredAt, lookedAt } = this.#seen.get(uid) ?? never;
      this.#seen.set(uid, { wiredAt, lookedAt: depth === "all" ? now : lookedAt, rulesAt: now });
    }
  }

  async #lookWhereDue(): Promise<void> {
    const { clock, lookMs, placements } = this.#ports;
    const now = clock.monotonicMs();
    const told = this.#news.isEmpty() ? [] : await this.#placementsTold();
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

  #placementsTold(): Promise<string[]> {
    const { clock, placements } = this.#ports;
    const now = clock.monotonicMs();
    // One that was never looked at is due anyway.
    const isSettled = (uid: string) => now - (this.#seen.get(uid)?.wiredAt ?? now) >= settledAfterMs;
    return this.#news.take(
      placements().map(({ placement }) => placement),
      isSettled,
    );
  }
}
