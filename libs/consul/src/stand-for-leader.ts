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
import type { LeaderLock } from "./leader-key.ts";
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
  /** Emits when `leads` becomes true or false. */
  readonly changed: Signal;
  /** Releases at once, so that another copy takes over without waiting. */
  close(): Promise<void>;
}

const retry = { firstMs: 50, maxMs: 1_000 } as const;
/** Consul lets a long poll end up to a sixteenth later than asked for. */
const pollWithinMs = 15_000;
const Session = z.object({ ID: z.string() });

/** Resolves at once; whether this copy leads is told by `leads` and `changed`. */
export async function standForLeader(o: StandOptions): Promise<Leadership> {
  const clock = systemClock();
  const changed = createEmitter();
  const ended = new AbortController();
  let held = 0;
  let lookAgain = new AbortController();
  const hold = (epoch: number) => {
    if (epoch === held) return;
    held = epoch;
    o.log.info({ service: o.service, epoch }, epoch === 0 ? "leads no more" : "leads");
    changed.emit();
  };
  const life = keepAlive({
    ...o,
    clock,
    lapsed: () => {
      hold(0);
      lookAgain.abort();
    },
  });
  const running = stand({
    ...o,
    clock,
    life,
    hold,
    ended: ended.signal,
    freshPoll: () => {
      lookAgain = new AbortController();
      return AbortSignal.any([ended.signal, lookAgain.signal]);
    },
  });
  return {
    leads: () => held !== 0 && life.alive(),
    epoch: () => (life.alive() ? held : 0),
    changed,
    close: async () => {
      ended.abort();
      await running;
      await life.close();
    },
  };
}

interface Candidate extends StandOptions {
  readonly clock: Clock;
  readonly life: LifeCheck;
  /** 0: does not lead. */
  hold(epoch: number): void;
  readonly ended: AbortSignal;
  /** For one long poll: aborted at the end, and when what it answers would be out of date. */
  freshPoll(): AbortSignal;
}

/** Campaigns with one session after another until the end. */
async function stand(o: Candidate): Promise<void> {
  let failures = 0;
  while (!o.ended.aborted) {
    let session: string | undefined;
    try {
      session = await createSession(o);
      failures = 0;
      await campaign(o, session);
    } catch (error) {
      failures += 1;
      if (failures > 5)
        o.log.warn({ err: error, service: o.service, failures }, "cannot stand for leader: trying again");
    }
    o.hold(0);
    if (session !== undefined) await destroySession(o, session);
    await pause(o.clock, backoffMs(Math.max(failures, 1), retry), o.ended);
  }
}

/**
 * serfHealth stands for the whole machine: when it dies, nobody is left there to say that the check has run out.
 * `checks` takes a service's check too; the package drops the newer `servicechecks`, which its types allow.
 */
async function createSession({ url, service, life }: Candidate): Promise<string> {
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

/** Until the end, or until the session is no good any more (then Consul refuses to lock with it: thrown). */
async function campaign(o: Candidate, session: string): Promise<void> {
  let index: string | undefined;
  while (!o.ended.aborted) {
    const lock = await follow(o, index);
    index = lock?.index;
    if (lock === undefined) continue;
    o.hold(lock.session === session ? epochOf(lock) : 0);
    if (lock.session === undefined && (await acquire(o, session, lock))) index = undefined;
  }
}

/** undefined: the poll was cut short, look afresh. */
async function follow(o: Candidate, index: string | undefined): Promise<LeaderLock | undefined> {
  const signal = o.freshPoll();
  try {
    if (index === undefined) return await readLock(o.url, o.service, { signal });
    return await readLock(o.url, o.service, {
      poll: { index, wait: "10s" },
      timeoutMs: pollWithinMs,
      signal,
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function acquire(o: Candidate, session: string, lock: LeaderLock): Promise<boolean> {
  const holder = { id: o.id, epochBase: lock.holder?.epochBase ?? o.clock.now() };
  const lockKey = { key: leaderKey(o.service), value: JSON.stringify(holder), acquire: session };
  const { body } = await ask(o.url, z.boolean(), (consul, bounds) =>
    consul.kv.set({ ...lockKey, ...bounds }),
  );
  return body === true;
}

function epochOf({ holder, taken }: LeaderLock): number {
  return (holder?.epochBase ?? 0) + taken;
}
