/**
 * Which buckets belong together. A bucket that was lost alone and made anew looks like one in which everything was deleted, so each
 * bucket's stream keeps, in its metadata, when every bucket was made: what the siblings remember differently was lost.
 * Reads and writes that metadata. A store that is lost as a whole remembers nothing: that is the agents' and the stitcher's to notice.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Clock, Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import type { BucketName } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { bucketNames, streamOf } from "./bucket.ts";

export interface BucketStream {
  readonly name: BucketName;
  /** As the server says; another one for a stream that was made anew. */
  readonly created: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Lineage {
  /** Buckets that were made anew while others stayed, until they are restored or accepted. */
  lost(): ReadonlySet<BucketName>;
  readonly changed: Signal;
  /**
   * Takes all buckets as they are now: an operator says that nothing more will come back. Returns those that were lost. Throws
   * WeftError("unavailable") while one is not made anew yet.
   */
  accept(): Promise<readonly BucketName[]>;
}

/** Nobody tells when a lost bucket is back or accepted. */
const lookAgainMs = 2_000;
const lookSoonMs = 100;
const keyOf = (name: BucketName) => `weft-made-${name}`;

/** Those that another stream remembers as made at another time, or that are not there. Pure. */
export function lostOf(streams: readonly BucketStream[]): Set<BucketName> {
  const made = new Map(streams.map(({ name, created }) => [name, created]));
  const isStrange = (name: BucketName, sibling: BucketStream) => {
    const remembered = sibling.metadata[keyOf(name)];
    return sibling.name !== name && remembered !== undefined && remembered !== made.get(name);
  };
  return new Set(bucketNames.filter((name) => streams.some((sibling) => isStrange(name, sibling))));
}

/** Whether a stream with this metadata was there once when all were. */
export function remembers(metadata: Readonly<Record<string, string>> = {}): boolean {
  return bucketNames.some((name) => metadata[keyOf(name)] !== undefined);
}

/** What the streams do not remember yet: all of a first start, and of a bucket that a later Weft added. */
export async function rememberLineage(nats: NatsConnection): Promise<void> {
  const streams = await bucketStreams(nats);
  await write(nats, streams, (metadata, now) => ({ ...now, ...metadata }));
}

export class LineageWatch implements Lineage, Disposable {
  readonly #nats: NatsConnection;
  readonly #clock: Clock;
  readonly #changed = createEmitter();
  readonly #looked = createEmitter();
  #lost: ReadonlySet<BucketName> = new Set();
  #made: ReadonlyMap<BucketName, string> = new Map();
  #asked = 0;
  #answered = 0;
  #again: Disposable | undefined;
  #over = false;

  constructor(nats: NatsConnection, clock: Clock) {
    this.#nats = nats;
    this.#clock = clock;
  }

  get changed(): Signal {
    return this.#changed;
  }

  lost(): ReadonlySet<BucketName> {
    return this.#lost;
  }

  /** Somebody looked, so that `made` is what it says now. */
  get looked(): Signal {
    return this.#looked;
  }

  /** When the bucket was made, as was seen last; undefined: it was not there, or nobody has looked yet. */
  made(name: BucketName): string | undefined {
    return this.#made.get(name);
  }

  /** When each bucket was made. What is lost is known from then on, so views look before they read. */
  async look(): Promise<ReadonlyMap<BucketName, string>> {
    const asked = (this.#asked += 1);
    const streams = await bucketStreams(this.#nats);
    const made = new Map(streams.map(({ name, created }) => [name, created]));
    if (asked > this.#answered) {
      this.#answered = asked;
      this.#made = made;
      this.#take(lostOf(streams));
      this.#looked.emit();
    }
    return made;
  }

  /** For when a stream was made: often one of many. Nothing is to be found out while nobody follows any. */
  lookSoon(): void {
    if (this.#made.size > 0) this.#lookIn(lookSoonMs);
  }

  async accept(): Promise<readonly BucketName[]> {
    const streams = await bucketStreams(this.#nats);
    const absent = bucketNames.filter((name) => streams.every((stream) => stream.name !== name));
    if (absent.length > 0) throw new WeftError("unavailable", `Not made anew yet: ${absent.join(", ")}.`);
    await write(this.#nats, streams, (metadata, now) => ({ ...metadata, ...now }));
    await this.look();
    return [...lostOf(streams)].toSorted();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#again?.[Symbol.dispose]();
  }

  #take(lost: ReadonlySet<BucketName>): void {
    const differs = lost.symmetricDifference(this.#lost).size > 0;
    this.#lost = lost;
    if (lost.size > 0) this.#lookIn(lookAgainMs);
    if (differs) this.#changed.emit();
  }

  #lookIn(ms: number): void {
    this.#again?.[Symbol.dispose]();
    if (this.#over) return;
    this.#again = this.#clock.after(ms, () => {
      this.look().catch(() => this.#lookIn(lookAgainMs)); // the server is away: views look again by themselves as well
    });
  }
}

type Made = Readonly<Record<string, string>>;

async function write(
  nats: NatsConnection,
  streams: readonly BucketStream[],
  wanted: (metadata: Made, now: Made) => Made,
): Promise<void> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const now = Object.fromEntries(streams.map(({ name, created }) => [keyOf(name), created]));
  for (const { name, metadata } of streams) {
    const next = wanted(metadata, now);
    const differs = Object.entries(next).some(([key, value]) => metadata[key] !== value);
    if (differs) await manager.streams.update(streamOf(name), { metadata: next });
  }
}

async function bucketStreams(nats: NatsConnection): Promise<BucketStream[]> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const names = new Map(bucketNames.map((name) => [streamOf(name), name]));
  const found: BucketStream[] = [];
  for await (const { config, created } of manager.streams.list()) {
    const name = names.get(config.name);
    if (name !== undefined) found.push({ name, created, metadata: config.metadata ?? {} });
  }
  return found;
}
