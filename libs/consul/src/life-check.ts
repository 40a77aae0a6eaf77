/**
 * The sign of life that a leader's session hangs on: a check of the service with a TTL of one second.
 * Writes the local Consul agent's check three times a second while this process lives; puts it back when Consul forgot it.
 * A session with a TTL of its own would be no use: Consul keeps it 20 to 35 s after its holder died (measured on 1.8.7).
 */
import type { Clock, Log } from "@weft/runtime";
import { everyTick } from "@weft/runtime";
import { z } from "zod";
import type { Bounds } from "./api.ts";
import { ask, tell } from "./api.ts";
import { CheckLine } from "./check-line.ts";

export const lifeTtlMs = 1_000;
const beatMs = 300;
/** Health takes heartbeats so much after each tenth of a second: who does both is woken once. */
const beatLateMs = 30;
/** An answer that comes later than this is no use: the next beat is due. */
const beatWithinMs = 700;
const within = { timeoutMs: beatWithinMs } as const;
const Services = z.record(z.string(), z.unknown());

export interface LifeCheck {
  readonly checkId: string;
  /** Consul has had a sign of life within the TTL, so the session on this check is alive as far as anyone can tell here. */
  alive(): boolean;
  /** True once Consul has taken the first one; false when `over` came before. */
  begun(over: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export interface LifeOptions {
  readonly url: string;
  readonly service: string;
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The signs of life were interrupted for longer than the TTL: what hung on them may be lost. */
  lapsed(): void;
}

/** Starts at once; `alive` is false until Consul has taken the check. */
export function keepAlive(o: LifeOptions): LifeCheck {
  return new SignsOfLife(o);
}

/** By the common tick and without promises: three times a second, those were a third of its cost (measured). */
class SignsOfLife implements LifeCheck {
  readonly checkId: string;
  readonly #options: LifeOptions;
  readonly #line: CheckLine;
  readonly #ticking: Disposable;
  readonly #first = Promise.withResolvers<true>();
  #known = false;
  #addedService = false;
  #failures = 0;
  #registering: Promise<void> = Promise.resolve();
  /** When the last one was sent that Consul took, and the one that it has not answered. */
  #heard: Moment | undefined;
  #sent: Moment | undefined;
  #late: NodeJS.Timeout | undefined;
  readonly #call = { passed: () => this.#passed(), failed: (error: unknown) => this.#failed(error) };

  constructor(o: LifeOptions) {
    this.checkId = `weft-leader:${o.id}`;
    this.#options = o;
    this.#line = new CheckLine(o.url, this.checkId);
    this.#beat();
    this.#ticking = everyTick(beatMs, () => this.#beat(), beatLateMs);
  }

  alive(): boolean {
    return this.#heard !== undefined && elapsedMs(this.#heard, moment(this.#options.clock)) < lifeTtlMs;
  }

  begun(over: AbortSignal): Promise<boolean> {
    return Promise.race([this.#first.promise, aborted(over)]);
  }

  async close(): Promise<void> {
    const o = this.#options;
    this.#ticking[Symbol.dispose]();
    clearTimeout(this.#late);
    this.#line[Symbol.dispose]();
    await this.#registering;
    await quietly(() => (this.#addedService ? deregisterService(o) : deregisterCheck(o, this.checkId)));
  }

  #beat(): void {
    const now = moment(this.#options.clock);
    if (this.#sent !== undefined) return this.#waitNoLonger(beatWithinMs - elapsedMs(this.#sent, now));
    this.#sent = now;
    if (this.#known) this.#line.begin(this.#call);
    else this.#registering = this.#register().then(this.#call.passed, this.#call.failed);
  }

  /** Only one that is not answered by the next beat needs a timer; a registration has a limit of its own. */
  #waitNoLonger(ms: number): void {
    if (this.#known)
      this.#late ??= setTimeout(() => this.#line.giveUp(`no answer in ${beatWithinMs} ms`), ms);
  }

  async #register(): Promise<void> {
    const o = this.#options;
    this.#addedService = (await ensureService(o)) || this.#addedService;
    await register(o, this.checkId);
  }

  #passed(): void {
    const lapsed = this.#heard !== undefined && !this.alive();
    this.#heard = this.#sent;
    this.#over();
    this.#known = true;
    this.#failures = 0;
    this.#first.resolve(true);
    if (lapsed) this.#options.lapsed();
  }

  #failed(err: unknown): void {
    this.#over();
    this.#known = false;
    this.#failures += 1;
    if (this.#failures === 1)
      this.#options.log.warn({ err, check: this.checkId }, "Consul did not take a leader's sign of life");
  }

  #over(): void {
    clearTimeout(this.#late);
    [this.#sent, this.#late] = [undefined, undefined];
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    else signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}

/** By two clocks: one may be set back, the other stands still while the machine is suspended. */
interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

function moment(clock: Clock): Moment {
  return { wallMs: clock.now(), monotonicMs: performance.now() };
}

function elapsedMs(since: Moment, now: Moment): number {
  return Math.max(Math.abs(now.wallMs - since.wallMs), now.monotonicMs - since.monotonicMs);
}

/** The check belongs to the service's registration; when there is none, one is made (true), and taken away at the end. */
async function ensureService({ url, service, id }: LifeOptions): Promise<boolean> {
  const { body } = await ask(
    url,
    Services,
    (consul, bounds) => consul.agent.service.list({ ...bounds }),
    within,
  );
  if (Object.hasOwn(body ?? {}, id)) return false;
  await tell(
    url,
    (consul, bounds) => consul.agent.service.register({ name: service, id, ...bounds }),
    within,
  );
  return true;
}

function register({ url, id }: LifeOptions, checkId: string): Promise<void> {
  const check = {
    id: checkId,
    name: "leader's sign of life",
    serviceid: id,
    ttl: `${lifeTtlMs}ms`,
    status: "passing",
  };
  // The package's types want `timeout` as a text.
  const bounded = (bounds: Bounds) => ({ ...check, ...bounds, timeout: `${beatWithinMs}ms` });
  return tell(url, (consul, bounds) => consul.agent.check.register(bounded(bounds)), within);
}

function deregisterService({ url, id }: LifeOptions): Promise<void> {
  return tell(url, (consul, bounds) => consul.agent.service.deregister({ id, ...bounds }), within);
}

function deregisterCheck({ url }: LifeOptions, id: string): Promise<void> {
  return tell(url, (consul, bounds) => consul.agent.check.deregister({ id, ...bounds }), within);
}

async function quietly(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch {
    // Consul is gone or has forgotten it: either way there is nothing left to take away.
  }
}
