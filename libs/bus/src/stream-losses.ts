/**
 * When what was read must be read afresh as a whole: after a reconnect, and when a stream was deleted under those who follow it,
 * which the client notices after a minute, and then waits at a place that the new stream does not reach.
 * Hears the server's advisories, and asks every five seconds which streams there are: nats-server 2.15.1 closes the queue that the
 * advisory of a deletion waits in, and loses one in four without and one in ten with twenty followers (measured).
 * Whether a bucket is another one than was read is left to lineage.ts and store.ts, making it again to streams.ts.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { createInbox } from "@nats-io/transport-node";
import type { Log, Signal } from "@weft/runtime";
import { createEmitter, everyTick } from "@weft/runtime";
import { z } from "zod";
import type { Connection } from "./connection.ts";
import type { LineageWatch } from "./lineage.ts";
import { streamNames } from "./streams.ts";

/** With the connection's own question (pulse.ts), so that it wakes nobody. */
const askEveryMs = 5_000;
const advisories = "$JS.EVENT.ADVISORY.STREAM";
const namesSubject = "$JS.API.STREAM.NAMES";
/** null: there are none. An error has no such field. */
const Names = z.object({ streams: z.array(z.string()).nullable() });

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

/**
 * An answer that is the one of before, when nothing was missing, is not even read: asking by the client's lister took five times as
 * long (measured). What is missing is told of each time: what was made again may be deleted again.
 */
function askForMissing(
  nats: NatsConnection,
  { missing, log }: { readonly missing: () => void; readonly log: Log },
): Disposable {
  let complete: Uint8Array = new Uint8Array();
  let reading = false;
  const read = async (answer: Uint8Array) => {
    const { streams } = Names.parse(JSON.parse(Buffer.from(answer).toString("utf8")));
    if (streamNames.isSubsetOf(new Set(streams))) {
      complete = answer;
      return;
    }
    const absent = await absentStreams(nats);
    if (absent.size === 0) return;
    log.warn({ streams: [...absent] }, "streams are gone: reading afresh");
    missing();
  };
  const take = (answer: Uint8Array) => {
    if (reading || Buffer.compare(answer, complete) === 0) return;
    reading = true;
    read(answer)
      .catch((err: unknown) => log.debug({ err }, "which streams there are is not known"))
      .finally(() => (reading = false));
  };
  const inbox = createInbox();
  const answers = nats.subscribe(inbox, {
    callback: (error, { data }) => {
      if (error === null) take(data);
    },
  });
  const asking = everyTick(askEveryMs, () => {
    if (!nats.isClosed()) nats.publish(namesSubject, "", { reply: inbox });
  });
  return {
    [Symbol.dispose]: () => {
      asking[Symbol.dispose]();
      if (!nats.isClosed()) answers.unsubscribe();
    },
  };
}

/** One answer has room for 1,024 streams, and others may be there too: the client asks for the rest. */
async function absentStreams(nats: NatsConnection): Promise<ReadonlySet<string>> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const absent = new Set(streamNames);
  for await (const name of manager.streams.names()) absent.delete(name);
  return absent;
}
