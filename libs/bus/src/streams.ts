/**
 * The streams beneath: one for each bucket and one for the events, made when absent, mended when an older Weft made them.
 * Reads and writes JetStream's stream configurations.
 * Records are left to write.ts and view.ts.
 */
import type { JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { nanos } from "@nats-io/transport-node";
import type { Clock, Log } from "@weft/runtime";
import { backoffMs, pause } from "@weft/runtime";
import type { BucketName } from "@weft/schemas";
import { WeftError, buckets, eventsStream, eventsWildcard, flowsStream, flowsWildcard } from "@weft/schemas";
import { bucketNames, streamOf } from "./bucket.ts";
import { rememberLineage, remembers } from "./lineage.ts";

type NewStream = Partial<StreamConfig> & { readonly name: string };

/** Revisions kept of each key, so that a follower that was away can tell what a record was before. */
const history = 16;
const hourMs = 3_600_000;
/** After a start JetStream answers only once it has read its files. */
const readyWithinMs = 30_000;
const nameInUse = 10_058;
/**
 * nats-server 2.15.1 takes a stream that is deleted off its list, tells of it, and removes its files after that: also those of one
 * that was made under the same name meanwhile, which then takes no record, or is gone at the next start (both measured).
 */
const deletedWithinMs = 1_000;

/** The same as any client's key-value bucket, and `allow_atomic` on top. */
function bucketStream(name: BucketName): NewStream {
  return {
    name: streamOf(name),
    subjects: [`$KV.${buckets[name].bucket}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_msgs_per_subject: history,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_atomic: true,
  };
}

/** An event published again within `duplicate_window` under the same id is not stored again. */
const events: NewStream = {
  name: eventsStream,
  subjects: [eventsWildcard],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_age: nanos(7 * 24 * hourMs),
  max_bytes: 256 * 1024 * 1024,
  discard: DiscardPolicy.Old,
  allow_direct: true,
  duplicate_window: nanos(hourMs),
};

/** A giver replaces its list by putting it again, and takes it away once its handoff is done; age is for one that never could. */
const flows: NewStream = {
  name: flowsStream,
  subjects: [flowsWildcard],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_age: nanos(7 * 24 * hourMs),
  max_msgs_per_subject: 1,
  discard: DiscardPolicy.Old,
  allow_direct: true,
};

const wantedStreams: readonly NewStream[] = [...bucketNames.map(bucketStream), events, flows];
/** Of all that this library needs. */
export const streamNames: ReadonlySet<string> = new Set(wantedStreams.map(({ name }) => name));

interface Times {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for JetStream if it is still starting. Throws WeftError("unavailable"). */
export async function ensureStreams(
  nats: NatsConnection,
  { clock, log, signal }: Times & { readonly log: Log },
): Promise<void> {
  const deadline = clock.now() + readyWithinMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeStreams(await jetstreamManager(nats), { clock, signal });
      await rememberLineage(nats);
      return;
    } catch (error) {
      if (clock.now() >= deadline || nats.isClosed() || signal?.aborted === true)
        throw new WeftError("unavailable", "JetStream does not answer: is it enabled on the server?", {
          cause: error,
        });
      log.debug({ err: error }, "JetStream is not ready yet");
      await pause(clock, backoffMs(attempt, { firstMs: 50, maxMs: 1_000 }), signal);
    }
  }
}

async function makeStreams(manager: JetStreamManager, { clock, signal }: Times): Promise<void> {
  const absent: NewStream[] = [];
  let wereThere = false;
  for (const wanted of wantedStreams) {
    const found = await findStream(manager, wanted.name);
    if (found === undefined) absent.push(wanted);
    else await mendStream(manager, wanted, found);
    wereThere ||= remembers(found?.metadata);
  }
  if (wereThere && absent.length > 0) await pause(clock, deletedWithinMs, signal);
  signal?.throwIfAborted();
  for (const wanted of absent) await addStream(manager, wanted);
}

async function mendStream(manager: JetStreamManager, wanted: NewStream, found: StreamConfig): Promise<void> {
  if (wanted.allow_atomic === true && found.allow_atomic !== true)
    await manager.streams.update(wanted.name, { allow_atomic: true });
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** Every service does this at its start: another one may have been faster, with a configuration that differs in age only. */
async function addStream(manager: JetStreamManager, wanted: NewStream): Promise<void> {
  try {
    await manager.streams.add(wanted);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== nameInUse) throw error;
  }
}
