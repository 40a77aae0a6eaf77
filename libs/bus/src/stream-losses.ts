/**
 * When what was read must be read afresh as a whole: after a reconnect, and when a stream was deleted under those who follow it,
 * which the client notices after a minute, and then waits at a place that the new stream does not reach.
 * Hears the server's advisories, and asks every five seconds which streams there are: nats-server 2.15.1 closes the queue that the
 * advisory of a deletion waits in, and loses one in four without and one in ten with twenty followers (measured).
 * Whether a bucket is another one than was read is left to lineage.ts and store.ts, making it again to streams.ts.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Log, Signal } from "@weft/runtime";
import { createEmitter, everyTick } from "@weft/runtime";
import type { Connection } from "./connection.ts";
import type { LineageWatch } from "./lineage.ts";
import { streamNames } from "./streams.ts";

/** With the connection's own question (pulse.ts), so that it wakes nobody. */
const askEveryMs = 5_000;
const advisories = "$JS.EVENT.ADVISORY.STREAM";

export function watchStreams(
  { nats, reconnected }: Pick<Connection, "nats" | "reconnected">,
  { lineage, log }: { readonly lineage: LineageWatch; readonly log: Log },
): Signal & Disposable {
  const stale = createEmitter();
  const hear = (what: string, act: () => void) =>
    nats.subscribe(`${advisories}.${what}.*`, {
      callback: (error, { subject }) => {
        if (error === null && streamNames.has(subject.split(".").at(-1) ?? "")) act();
      },
    });
  reconnected.subscribe(() => stale.emit());
  hear("DELETED", () => stale.emit());
  // Somebody who did hear of the deletion made the stream again. This one is not lost: its queue goes on.
  hear("CREATED", () => lineage.lookSoon());
  const asking = askForMissing(nats, { missing: () => stale.emit(), log });
  return {
    subscribe: (listener) => stale.subscribe(listener),
    [Symbol.dispose]: () => asking[Symbol.dispose](),
  };
}

/** Tells of what is missing each time: what was made again may be deleted again. */
function askForMissing(
  nats: NatsConnection,
  { missing, log }: { readonly missing: () => void; readonly log: Log },
): Disposable {
  let asked = false;
  const ask = async () => {
    const manager = await jetstreamManager(nats, { checkAPI: false });
    const absent = new Set(streamNames);
    for await (const name of manager.streams.names()) absent.delete(name);
    if (absent.size === 0) return;
    log.warn({ streams: [...absent] }, "streams are gone: reading afresh");
    missing();
  };
  return everyTick(askEveryMs, () => {
    if (asked || nats.isClosed()) return;
    asked = true;
    ask()
      .catch((error: unknown) => log.debug({ err: error }, "which streams there are is not known"))
      .finally(() => (asked = false));
  });
}
