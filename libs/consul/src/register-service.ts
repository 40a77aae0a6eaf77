/**
 * Keeps one copy of a service registered with Consul: a TTL check that passes while this process lives.
 * Writes the local agent's services and checks; does it again when Consul forgot.
 * Whether the service is any good is left to its own checks; leadership to stand-for-leader.ts.
 */
import { hostname } from "node:os";
import type { Log } from "@weft/runtime";
import { backoffMs, pause, systemClock } from "@weft/runtime";
import { tell } from "./api.ts";
import { CheckLine } from "./check-line.ts";

const passWithinMs = 5_000;

export interface RegisterOptions {
  readonly url: string;
  readonly name: string;
  readonly id: string;
  readonly address?: string;
  readonly port?: number;
  readonly meta?: Readonly<Record<string, string>>;
  /** `host:port` of its /metrics; becomes `metrics` of its meta, by which Prometheus finds it. */
  readonly metricsAt?: string | undefined;
  readonly tags?: readonly string[];
  readonly ttlSeconds: number;
  readonly log: Log;
}

export interface Registration {
  /** Deregisters. */
  close(): Promise<void>;
  /** Gives no more signs of life and leaves the entry: somebody else keeps it under the same id. */
  leave(): Promise<void>;
}

/** Resolves when Consul has taken it; waits for a Consul that is not there yet. */
export async function registerService(o: RegisterOptions): Promise<Registration> {
  const clock = systemClock();
  const ended = new AbortController();
  const { signal } = ended;
  for (let attempt = 1; !(await tryToRegister(o, attempt)); attempt += 1)
    await pause(clock, backoffMs(attempt, { firstMs: 100, maxMs: 2_000 }));
  const line = new CheckLine(o.url, checkOf(o.id));
  const keepPassing = async () => {
    let registered = true;
    while (!signal.aborted) {
      await pause(clock, (o.ttlSeconds * 1_000) / 3, signal);
      if (signal.aborted) return;
      registered = registered ? await passes(o, line) : await tryToRegister(o, 2);
    }
  };
  const running = keepPassing();
  const leave = async () => {
    ended.abort();
    await running;
    line[Symbol.dispose]();
  };
  return {
    leave,
    close: async () => {
      await leave();
      await deregister(o.url, o.id, o.log);
    },
  };
}

function checkOf(id: string): string {
  return `weft-ttl:${id}`;
}

async function tryToRegister(o: RegisterOptions, attempt: number): Promise<boolean> {
  try {
    await tell(o.url, (consul, bounds) => consul.agent.service.register({ ...definitionOf(o), ...bounds }));
    return true;
  } catch (error) {
    if (attempt === 1)
      o.log.warn({ err: error, service: o.name }, "Consul does not register the service: trying again");
    return false;
  }
}

/** A copy that died without a word is removed by Consul after a minute, the least that it allows. */
function definitionOf({ name, id, address, port, meta, metricsAt, tags, ttlSeconds }: RegisterOptions) {
  return {
    name,
    id,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    // Which process keeps the entry, for whoever has to look at it or to end it.
    meta: {
      host: hostname(),
      pid: String(process.pid),
      ...meta,
      ...(metricsAt === undefined ? {} : { metrics: metricsAt }),
    },
    tags: [...(tags ?? [])],
    check: {
      checkid: checkOf(id),
      name: "alive",
      ttl: `${ttlSeconds}s`,
      status: "passing",
      deregistercriticalserviceafter: "1m",
      timeout: "5s", // wanted by the package's types; of no effect with a TTL
    },
  };
}

/** False when Consul does not know the check any more. */
async function passes({ id, log }: RegisterOptions, line: CheckLine): Promise<boolean> {
  try {
    await line.pass(passWithinMs);
    return true;
  } catch (error) {
    log.warn({ err: error, id }, "Consul did not take a sign of life");
    return false;
  }
}

async function deregister(url: string, id: string, log: Log): Promise<void> {
  try {
    await tell(url, (consul, bounds) => consul.agent.service.deregister({ id, ...bounds }), {
      timeoutMs: 2_000,
    });
  } catch (error) {
    log.warn({ err: error, id }, "Consul did not deregister the service");
  }
}
