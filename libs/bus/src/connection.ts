/**
 * The connection to NATS: made for ever, refused below the version that has atomic batches, watched for half-open peers and
 * dropped when this process stood still.
 * Reads the server's greeting and the connection's status.
 * Buckets are left to streams.ts, what is sent over it to bus.ts.
 */
import type { Msg, NatsConnection, RequestOptions } from "@nats-io/transport-node";
import { ConnectionError, TimeoutError, connect } from "@nats-io/transport-node";
import type { Emitter, Log, Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import { Deletions } from "./deletions.ts";
import { keepPulse } from "./pulse.ts";
import { redial } from "./redial.ts";
import { watchStandstill } from "./standstill.ts";

/** Atomic batches (ADR-50) came with nats-server 2.12. */
export const oldestServer = { major: 2, minor: 12 } as const;
/** Never: pulse.ts asks, and gives up sooner. */
const pingIntervalMs = 24 * 60 * 60 * 1_000;
/** Nobody waits longer for an answer to what a process that stood still has not read: it would act on orders of the past. */
const standstillMs = 3_000;

export interface Connection {
  readonly nats: NatsConnection;
  /**
   * Resolves when there is a connection. What is sent without one is lost: the client forgets it when it connects again.
   * Throws TimeoutError.
   */
  up(timeoutMs: number): Promise<void>;
  /** Like NATS' own, but waits for a connection first, and not for an answer that was lost with one. */
  request(subject: string, payload: string, o: RequestOptions): Promise<Msg>;
  /**
   * False from when this process is found to have stood still until its connection was made anew: whoever takes a message asks,
   * and leaves alone what came meanwhile.
   */
  awake(): boolean;
  /** The connection is back: whatever was heard over the old one may be out of date. */
  readonly reconnected: Signal;
  /** The connection is gone, or was dropped. */
  readonly lost: Signal;
  /** As the views over it saw them. */
  readonly deletions: Deletions;
}

export async function openConnection(o: {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
}): Promise<Connection> {
  const nats = await connect({
    servers: o.url,
    name: o.name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    ...redial(),
    pingInterval: pingIntervalMs,
  });
  const version = nats.info?.version ?? "of an unknown version";
  if (!isNewEnough(version)) {
    await nats.close();
    throw new WeftError(
      "unavailable",
      `nats-server ${version} at ${o.url} has no atomic batches: ${oldestServer.major}.${oldestServer.minor} or newer is needed.`,
      { retryable: false, concerns: o.url },
    );
  }
  return watched(nats, o.log);
}

/** A process that stood still drops its connection, and with it every message that it has not read. */
function forgetThePast(nats: NatsConnection, reconnected: Signal, log: Log): () => boolean {
  let awake = true;
  reconnected.subscribe(() => (awake = true));
  const watch = watchStandstill(standstillMs, (ms) => {
    awake = false;
    log.warn({ standstillMs: Math.round(ms) }, "this process stood still: connecting again");
    nats
      .reconnect()
      .catch((error: unknown) => log.warn({ err: error }, "the connection could not be dropped"));
  });
  nats
    .closed()
    .finally(() => watch[Symbol.dispose]())
    .catch(() => undefined);
  return () => {
    watch.look();
    return awake;
  };
}

function watched(nats: NatsConnection, log: Log): Connection {
  const [reconnected, disconnected] = [createEmitter(), createEmitter()];
  let connected = true;
  disconnected.subscribe(() => (connected = false));
  reconnected.subscribe(() => (connected = true));
  followStatus(nats, { reconnected, disconnected, log }).catch((error: unknown) =>
    log.error({ err: error }, "the status of the bus is no longer followed"),
  );
  const up = async (timeoutMs: number) => {
    if (connected) return;
    const back = Promise.withResolvers<void>();
    const timer = setTimeout(() => back.reject(new TimeoutError()), timeoutMs);
    const stop = reconnected.subscribe(() => back.resolve());
    await back.promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  };
  const request = async (subject: string, payload: string, options: RequestOptions) => {
    await up(options.timeout);
    const lost = Promise.withResolvers<never>();
    const stop = disconnected.subscribe(() => lost.reject(new ConnectionError("the connection was lost")));
    return Promise.race([nats.request(subject, payload, options), lost.promise]).finally(stop);
  };
  const pulse = keepPulse(nats, { connected: () => connected, log });
  nats
    .closed()
    .finally(() => pulse[Symbol.dispose]())
    .catch(() => undefined);
  const awake = forgetThePast(nats, reconnected, log);
  return { nats, up, request, awake, reconnected, lost: disconnected, deletions: new Deletions() };
}

export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major > oldestServer.major || (major === oldestServer.major && minor >= oldestServer.minor);
}

async function followStatus(
  nats: NatsConnection,
  o: { readonly reconnected: Emitter; readonly disconnected: Emitter; readonly log: Log },
): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === "error") o.log.error({ err: status.error }, "the bus reports an error");
    if (status.type === "disconnect") {
      o.log.warn({ server: status.server }, "the bus is gone: connecting again");
      o.disconnected.emit();
    }
    if (status.type === "reconnect") {
      o.log.info({ server: status.server }, "the bus is back");
      o.reconnected.emit();
    }
  }
}
