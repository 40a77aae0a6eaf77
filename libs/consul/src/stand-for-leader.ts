/**
 * Election of the one active copy of a service, by a lock in Consul that hangs on a sign of life.
 * Reads and writes the service's leader key, a session and a check.
 * Fencing what a former leader may still send is left to the writers: revisions on the bus, the epoch in OVN's database.
 */
import type { Clock, Log, Signal } from "@weft/runtime";
import { backoffMs, createEmitter, pause, systemClock } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import { z } from "zod";
import { ask, tell } from "./api.ts";
import type { Holder, LeaderLock } from "./leader-key.ts";
import { leaderKey, readLock } from "./leader-key.ts";
import type { LifeCheck } from "./life-check.ts";
import { keepAlive } from "./life-check.ts";

export interface StandOptions {
  readonly url: string;
  /** Copies of the same service compete. */
  readonly service: string;
  /** The same id as in registerService. */
  readonly id: string;
  readonly log: Log;
}

export interface Leadership {
  /** True only while nobody else can lead: false as soon as Consul has not been heard for a second. */
  leads(): boolean;
  /** Grows with every change of leader, also over the loss of Consul's data; 0 while this copy does not lead. */
  epoch(): number;
  /**
   * Leads on under an epoch above this one, where a store was claimed under a later one than Consul knows of (it lost its data, and a
   * clock ran behind). Nothing happens once another copy has the lock: then the later epoch is that one's.
   */
  rise(above: number): Promise<void>;
  /** Emits when `leads` or `epoch` changes. */
  readonly changed: Signal;
  /** Releases at once, so that another copy takes over without waiting. */
  close(): Promise<void>;
}

const retry = { firstMs: 50, maxMs: 1_000 } as const;
/** Consul lets a long poll end up to a sixteenth later than asked for. */
const pollWithinMs = 40_000;
const Session = z.object({ ID: z.string() });

/** Resolves at once; whether this copy leads is told by `leads` and `changed`. */
export async function standForLeader(o: StandOptions): Promise<Leadership> {
  const changed = createEmitter();
  const ended = new AbortController();
  let held: Held | undefined;
  const hold = (next: Held | undefined) => {
    if (next?.epoch === held?.epoch) return;
    held = next;
    const { service } = o;
    o.log.info({ service, epoch: next?.epoch ?? 0 }, next === undefined ? "leads no more" : "leads");
    changed.emit();
  };
  const running = stand({ ...o, clock: systemClock(), hold, ended: ended.signal });
  return {
    leads: () => held?.life.alive() === true,
    epoch: () => (held?.life.alive() === true ? held.epoch : 0),
    rise: async (above) => {
      if (held?.life.alive() === true) await raise(o, held.session, above);
    },
    changed,
    close: async () => {
      ended.abort();
      await running;
    },
  };
}

interface Held {
  readonly epoch: number;
  readonly session: string;
  readonly life: LifeCheck;
}

interface Candidate extends StandOptions {
  readonly clock: Clock;
  /** undefined: does not lead. */
  hold(held: Held | undefined): void;
  readonly ended: AbortSignal;
}

/**
 * Waits until nobody leads, then tries, again and again until the end. Only who tries and who leads gives signs of life:
 * three a second are the dearest thing that a standby could do.
 */
async function stand(o: Candidate): Promise<void> {
  let failures = 0;
  while (!o.ended.aborted) {
    try {
      if (await untilFree(o)) await tryToLead(o);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > 5 && !o.ended.aborted)
        o.log.warn({ err: error, service: o.service, failures }, "cannot stand for leader: trying again");
    }
    if (failures > 0) await pause(o.clock, backoffMs(failures, retry), o.ended);
  }
}

/** False at the end. */
async function untilFree(o: Candidate): Promise<boolean> {
  let lock = await follow(o, undefined, o.ended);
  while (lock?.session !== undefined) lock = await follow(o, lock.index, o.ended);
  return lock !== undefined;
}

async function tryToLead(o: Candidate): Promise<void> {
  const lapsed = new AbortController();
  const over = AbortSignal.any([o.ended, lapsed.signal]);
  const life = keepAlive({ ...o, lapsed: () => lapsed.abort() });
  let session: string | undefined;
  try {
    if (!(await life.begun(over))) return;
    session = await createSession(o, life);
    if (await acquire(o, session)) await reign(o, { session, life, over });
  } finally {
    o.hold(undefined);
    if (session !== undefined) await destroySession(o, session);
    await life.close();
  }
}

/** Until another has the lock, the signs of life were interrupted, or the end. */
async function reign(
  o: Candidate,
  { session, life, over }: { session: string; life: LifeCheck; over: AbortSignal },
): Promise<void> {
  let lock = await follow(o, undefined, over);
  while (lock?.session === session) {
    o.hold({ epoch: epochOf(lock), session, life });
    lock = await follow(o, lock.index, over);
  }
}

/**
 * serfHealth stands for the whole machine: when it dies, nobody is left there to say that the check has run out.
 * `checks` takes a service's check too; the package drops the newer `servicechecks`, which its types allow.
 */
async function createSession({ url, service }: Candidate, life: LifeCheck): Promise<string> {
  const session = {
    name: `weft leader of ${service}`,
    lockdelay: "0s",
    behavior: "release" as const,
    checks: ["serfHealth", life.checkId],
  };
  const { body } = await ask(url, Session, (consul, bounds) =>
    consul.session.create({ ...session, ...bounds }),
  );
  if (body === undefined)
    throw new WeftError("unavailable", "Consul made no session.", { concerns: "consul" });
  return body.ID;
}

/** With the lock's delay at 0 this releases it at once. */
async function destroySession({ url, service, log }: Candidate, session: string): Promise<void> {
  try {
    await tell(url, (consul, bounds) => consul.session.destroy({ id: session, ...bounds }), {
      timeoutMs: 2_000,
    });
  } catch (error) {
    log.debug({ err: error, service }, "a session is left to run out");
  }
}

/** The lock as it is, or once it has changed since `index`; undefined when `over` cut the wait short. */
async function follow(
  o: Candidate,
  index: string | undefined,
  over: AbortSignal,
): Promise<LeaderLock | undefined> {
  const poll = index === undefined ? {} : { poll: { index, wait: "30s" }, timeoutMs: pollWithinMs };
  try {
    return await readLock(o.url, o.service, { ...poll, signal: over });
  } catch (error) {
    if (over.aborted) return undefined;
    throw error;
  }
}

async function acquire(o: Candidate, session: string): Promise<boolean> {
  const { holder } = await readLock(o.url, o.service, { whole: true });
  return putHolder(o, session, holder?.epochBase ?? o.clock.now());
}

/** Consul writes for the session that has the lock alone, so a former leader raises nothing. */
async function raise(o: StandOptions, session: string, above: number): Promise<void> {
  const { taken, session: holds } = await readLock(o.url, o.service, { whole: true });
  if (holds === session) await putHolder(o, session, above + 1 - taken);
}

/** False where another session has it. */
async function putHolder(
  { url, service, id }: StandOptions,
  session: string,
  epochBase: number,
): Promise<boolean> {
  const holder: Holder = { id, epochBase };
  const lockKey = { key: leaderKey(service), value: JSON.stringify(holder), acquire: session };
  const { body } = await ask(url, z.boolean(), (consul, bounds) => consul.kv.set({ ...lockKey, ...bounds }));
  return body === true;
}

function epochOf({ holder, taken }: LeaderLock): number {
  return (holder?.epochBase ?? 0) + taken;
}
