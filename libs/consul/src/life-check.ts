/**
 * The sign of life that a leader's session hangs on: a check of the service with a TTL of one second.
 * Writes the local Consul agent's check three times a second while this process lives; puts it back when Consul forgot it.
 * A session with a TTL of its own would be no use: Consul keeps it 20 to 35 s after its holder died (measured on 1.8.7).
 */
import type { Clock, Log } from "@weft/runtime";
import { pause } from "@weft/runtime";
import { call } from "./api.ts";

export const lifeTtlMs = 1_000;
const beatMs = 300;
/** An answer that comes later than this is no use: the next beat is due. */
const beatWithinMs = 700;

export interface LifeCheck {
  readonly checkId: string;
  /** Consul has had a sign of life within the TTL, so the session on this check is alive as far as anyone can tell here. */
  alive(): boolean;
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
  const checkId = `weft-leader:${o.id}`;
  const ended = new AbortController();
  let known = false;
  let addedService = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  const alive = () => o.clock.now() < heardAt + lifeTtlMs;

  const beat = async () => {
    const sentAt = o.clock.now();
    try {
      if (known) await pass(o.url, checkId);
      else addedService = (await register(o, checkId)) || addedService;
      known = true;
      const lapsed = !alive();
      heardAt = sentAt;
      if (lapsed) o.lapsed();
    } catch (error) {
      if (known) o.log.warn({ err: error, check: checkId }, "Consul did not take a leader's sign of life");
      known = false;
    }
  };
  const run = async () => {
    while (!ended.signal.aborted) {
      await beat();
      await pause(o.clock, beatMs, ended.signal);
    }
  };
  const running = run();
  return {
    checkId,
    alive,
    close: async () => {
      ended.abort();
      await running;
      if (addedService)
        await quietly(() => put(o.url, `agent/service/deregister/${encodeURIComponent(o.id)}`));
      else await quietly(() => put(o.url, `agent/check/deregister/${encodeURIComponent(checkId)}`));
    },
  };
}

function pass(url: string, checkId: string): Promise<void> {
  return put(url, `agent/check/pass/${encodeURIComponent(checkId)}`);
}

/** The check belongs to the service's registration; when there is none, one is made (true), and taken away at the end. */
async function register({ url, service, id }: LifeOptions, checkId: string): Promise<boolean> {
  const check = {
    CheckID: checkId,
    Name: "leader's sign of life",
    ServiceID: id,
    TTL: `${lifeTtlMs}ms`,
    Status: "passing",
  };
  const registered =
    (await call(url, `agent/service/${encodeURIComponent(id)}`, { timeoutMs: beatWithinMs })).status === 200;
  if (!registered) await put(url, "agent/service/register", { Name: service, ID: id });
  await put(url, "agent/check/register", check);
  return !registered;
}

async function put(url: string, path: string, body?: unknown): Promise<void> {
  await call(url, path, { method: "PUT", body, timeoutMs: beatWithinMs });
}

async function quietly(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch {
    // Consul is gone or has forgotten it: either way there is nothing left to take away.
  }
}
