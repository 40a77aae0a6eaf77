/**
 * The connection to NATS: made for ever, refused below the version that has atomic batches, watched for half-open peers.
 * Reads the server's greeting and the connection's status.
 * Buckets are left to streams.ts, what is sent over it to bus.ts.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import { connect } from "@nats-io/transport-node";
import type { Emitter, Log } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import { WeftError } from "@weft/schemas";

/** Atomic batches (ADR-50) came with nats-server 2.12. */
export const oldestServer = { major: 2, minor: 12 } as const;
/** A peer that answers no ping is given up after two of these: 10 to 15 s. NATS' own default is minutes. */
const pingIntervalMs = 5_000;

export interface Connection {
  readonly nats: NatsConnection;
  /** The connection is back: whatever was heard over the old one may be out of date. */
  readonly reconnected: Emitter;
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
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
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
  const reconnected = createEmitter();
  followStatus(nats, reconnected, o.log).catch((error: unknown) =>
    o.log.error({ err: error }, "the status of the bus is no longer followed"),
  );
  return { nats, reconnected };
}

export function isNewEnough(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major > oldestServer.major || (major === oldestServer.major && minor >= oldestServer.minor);
}

async function followStatus(nats: NatsConnection, reconnected: Emitter, log: Log): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === "disconnect")
      log.warn({ server: status.server }, "the bus is gone: connecting again");
    if (status.type === "staleConnection") log.warn("the bus does not answer: connecting again");
    if (status.type === "error") log.error({ err: status.error }, "the bus reports an error");
    if (status.type !== "reconnect") continue;
    log.info({ server: status.server }, "the bus is back");
    reconnected.emit();
  }
}
