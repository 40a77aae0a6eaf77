/**
 * What is on the node, put together for each placement: from the drivers, the switch, the kernel's links and what the
 * agent itself did (configurations loaded, probes running). `refresh` asks the drivers; the rest is read as it is.
 * Knows things by their placement's uid alone; what should be there is the decision's.
 */
import type { Driver, Ended, Holder, Identity, Owned } from "@weft/drivers";
import type { LiveConfig, SeenThing } from "@weft/decide";
import { createEmitter } from "@weft/runtime";
import type { Signal } from "@weft/runtime";
import type { InstancePlacement, RealizedRecord, Runtime } from "@weft/schemas";
import type { Drifts } from "./inside/drifts.ts";
import type { Fabric, SeenPort } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";
import { Ends } from "./ends.ts";
import { namespaceNames, presentLinks } from "./wiring/links.ts";
import { linkNames, probeNamespaces } from "./wiring/names.ts";

interface LoadedConfig extends LiveConfig {
  /** Rules live in a holder's namespace: in another one they are not there, even if the kernel gives it the same inode. */
  readonly holder: string | undefined;
  readonly namespaceInode: number | undefined;
}

export class Inventory {
  readonly #drivers: ReadonlyMap<Runtime, Driver>;
  readonly #fabric: Fabric;
  readonly #probes: Probes;
  readonly #drifts: Drifts;
  readonly #changed = createEmitter();
  readonly #configs = new Map<string, LoadedConfig>();
  readonly #ends = new Ends();
  /** What each driver said last, while it has said anything. */
  readonly #lists = new Map<Driver, readonly Owned[]>();
  #owned = new Map<string, Owned>();
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(o: {
    readonly drivers: ReadonlyMap<Runtime, Driver>;
    readonly fabric: Fabric;
    readonly probes: Probes;
    readonly drifts: Drifts;
  }) {
    this.#drivers = o.drivers;
    this.#fabric = o.fabric;
    this.#probes = o.probes;
    this.#drifts = o.drifts;
  }

  get changed(): Signal {
    return this.#changed;
  }

  /**
   * Asks every driver. One that does not answer throws, and what it said last stands. One look at a time, and never
   * an older answer over a newer one: whoever asks during a look gets the next.
   */
  refresh(): Promise<void> {
    if (this.#queued !== undefined) return this.#queued;
    if (this.#running === undefined) return this.#begin();
    this.#queued = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        return this.#begin();
      });
    return this.#queued;
  }

  #begin(): Promise<void> {
    this.#running = this.#look().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #look(): Promise<void> {
    const drivers = [...this.#drivers.values()];
    const lists = await Promise.allSettled(drivers.map((driver) => driver.list()));
    for (const [index, driver] of drivers.entries()) {
      const list = lists[index];
      if (list?.status === "fulfilled") this.#lists.set(driver, list.value);
    }
    const seen = [...this.#lists.values()].flat().map((each) => this.#ends.appliedTo(each));
    this.#ends.keep(seen);
    const owned = new Map(seen.map((each) => [each.identity.placement, each]));
    const before = JSON.stringify([...this.#owned.values()]);
    this.#owned = owned;
    if (JSON.stringify([...owned.values()]) !== before) this.#changed.emit();
    for (const list of lists) if (list.status === "rejected") throw list.reason;
  }

  /** Every driver has answered since the agent began: nothing is decided on half a sight. */
  knowsAll(): boolean {
    return this.#lists.size === this.#drivers.size;
  }

  owned(uid: string): Owned | undefined {
    return this.#owned.get(uid);
  }

  /** Known at once, before anybody is asked: a look takes a while, and traffic is lost meanwhile. */
  ended(what: Ended): void {
    const known = this.#owned.get(what.placement);
    if (known === undefined) return;
    this.#ends.note(what, known);
    this.#owned.set(what.placement, this.#ends.appliedTo(known));
    this.#changed.emit();
  }

  /** Saves a look at everything, which the end of the round takes anyway. */
  made(identity: Identity, holder: Holder): void {
    const known = this.#owned.get(identity.placement);
    this.#owned.set(identity.placement, { ...known, identity, holder });
  }

  /** Takes up what an earlier agent loaded, where the namespace is still the same. */
  adopt(records: Iterable<RealizedRecord>): void {
    for (const { placementUid, configHash, configLoadedAt, generation, holder, namespaceInode } of records)
      if (configHash !== undefined && configLoadedAt !== undefined)
        this.#configs.set(placementUid, {
          hash: configHash,
          generation,
          loadedAt: configLoadedAt,
          holder,
          namespaceInode,
        });
  }

  loaded(uid: string, config: LiveConfig): void {
    const { id: holder, namespaceInode } = this.#owned.get(uid)?.holder ?? {};
    this.#configs.set(uid, { ...config, holder, namespaceInode });
    this.#changed.emit();
  }

  liveConfig(uid: string): LiveConfig | undefined {
    const config = this.#configs.get(uid);
    const holder = this.#owned.get(uid)?.holder;
    if (config === undefined || holder?.id !== config.holder) return undefined;
    if (holder?.namespaceInode !== config.namespaceInode) return undefined;
    const { hash, generation, loadedAt } = config;
    return { hash, generation, loadedAt };
  }

  forget(uid: string): void {
    this.#configs.delete(uid);
  }

  /** Links and ports of it were made, whole or not. */
  isWired(uid: string): boolean {
    return this.#fabric.ports().some(({ placement }) => placement === uid);
  }

  /** The whole of its wiring was made, as far as the switch has been told. */
  isWhole(uid: string): boolean {
    const own = this.#fabric.ports().filter(({ placement }) => placement === uid);
    return own.length > 0 && own.every(({ wiring }) => wiring !== "");
  }

  /** Everything there is, by placement uid; `placements` tell which links to look for. */
  things(placements: readonly InstancePlacement[]): Map<string, SeenThing> {
    const links = presentLinks();
    const ports = Map.groupBy(this.#fabric.ports(), ({ placement }) => placement);
    const expected = new Map(placements.map((placement) => [placement.uid, linkNames(placement)]));
    const names = namespaceNames();
    const lostProbes = new Set(
      placements.flatMap(({ kind, uid }) =>
        kind === "shard" && !Object.values(probeNamespaces(uid)).every((name) => names.has(name))
          ? [uid]
          : [],
      ),
    );
    const present = (uid: string) => (expected.get(uid) ?? []).filter((name) => links.has(name));
    const uids = new Set([
      ...this.#owned.keys(),
      ...ports.keys(),
      ...[...expected.keys()].filter((uid) => present(uid).length > 0 || this.#probes.has(uid)),
    ]);
    return new Map(
      [...uids].map((uid) => {
        const own = ports.get(uid) ?? [];
        const drift = this.#drifts.of(uid);
        const broken = drift.detached !== undefined || lostProbes.has(uid);
        const wiring = broken ? undefined : wiringOf(own, expected.get(uid), links);
        const config = this.#seenConfig(uid, drift.config);
        const thing: SeenThing = {
          uid,
          ...runningOf(this.#owned.get(uid)),
          wires: own.length > 0 || present(uid).length > 0,
          probing: this.#probes.has(uid),
          ...(wiring === undefined ? {} : { wiring }),
          ...(drift.wiring === undefined ? {} : { drift: drift.wiring }),
          ...(config === undefined ? {} : { config }),
        };
        return [uid, thing];
      }),
    );
  }

  #seenConfig(uid: string, drift: string | undefined): LiveConfig | undefined {
    const config = this.liveConfig(uid);
    return config === undefined || drift === undefined ? config : { ...config, drift };
  }
}

/** The wiring that all ports agree on, if every link that is expected is there and has its port. */
function wiringOf(
  ports: readonly SeenPort[],
  expected: readonly string[] | undefined,
  links: ReadonlySet<string>,
): string | undefined {
  const [first] = ports;
  if (first === undefined || expected === undefined) return undefined;
  const named = new Set(ports.flatMap(({ name, sound }) => (sound ? [name] : [])));
  const whole = expected.every((name) => named.has(name) && links.has(name));
  const agreed = first.wiring !== "" && ports.every(({ wiring }) => wiring === first.wiring);
  return whole && agreed ? first.wiring : undefined;
}

function runningOf(owned: Owned | undefined): Pick<SeenThing, "holder" | "instance"> {
  const { holder, instance } = owned ?? {};
  return {
    ...(holder === undefined ? {} : { holder }),
    ...(instance === undefined ? {} : { instance: seenInstance(instance) }),
  };
}

function seenInstance(instance: NonNullable<Owned["instance"]>): NonNullable<SeenThing["instance"]> {
  const { id, running, spec, startedAt, finishedAt, exitCode } = instance;
  const atMs = finishedAt === undefined ? Number.NaN : Date.parse(finishedAt);
  const ranMs = atMs - (startedAt === undefined ? Number.NaN : Date.parse(startedAt));
  const ended = { atMs, ranMs, ...(exitCode === undefined ? {} : { exitCode }) };
  return {
    id,
    running,
    spec,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(running || Number.isNaN(ranMs) ? {} : { ended }),
  };
}
