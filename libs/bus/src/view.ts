/**
 * View: a bucket as it is now, held in memory.
 * Reads the bucket by follow-bucket.ts.
 * Writing is left to write.ts; what a change means, to whoever looks.
 */
import type { Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import type { BucketName, Records } from "@weft/schemas";
import type { Entry, FollowPorts } from "./follow-bucket.ts";
import { followBucket } from "./follow-bucket.ts";

export interface View<T> {
  /** What there is now. The map does not change afterwards, and is the same until something does. */
  entries(): ReadonlyMap<string, Entry<T>>;
  get(key: string): Entry<T> | undefined;
  /** The bucket's revision that `entries` is as of; deletions count, and so do values that are not readable. */
  readonly revision: number;
  /** When the bucket was made, as the server says: another one once the server has lost its store. */
  readonly store: string;
  /** Emits after a change; never for what was there when the view was opened. */
  readonly changed: Signal;
  close(): Promise<void>;
}

/** Resolves once everything that is there has been read. What is not readable later keeps its last readable value. */
export async function openView<N extends BucketName>(name: N, ports: FollowPorts): Promise<View<Records[N]>> {
  const changed = createEmitter();
  const ended = new AbortController();
  let present = new Map<string, Entry<Records[N]>>();
  let snapshot: ReadonlyMap<string, Entry<Records[N]>> | undefined;
  let revision = 0;
  let store = "";
  let open = false;
  let following = Promise.resolve();
  await new Promise<void>((resolve) => {
    following = followBucket(
      name,
      { ...ports, signal: ended.signal },
      {
        held: () => (open ? present : undefined),
        loaded: (entries, at) => {
          const differs = revision !== at.revision || store !== at.store || !sameRevisions(present, entries);
          open = true;
          ({ revision, store } = at);
          present = new Map(entries);
          snapshot = undefined;
          resolve(); // nobody listens to `changed` before this
          if (differs) changed.emit();
        },
        changed: (changes, reached) => {
          revision = reached;
          for (const { key, entry } of changes)
            if (entry === undefined) present.delete(key);
            else present.set(key, entry);
          if (changes.length > 0) snapshot = undefined;
          changed.emit();
        },
      },
    );
  });
  return {
    entries: () => (snapshot ??= new Map(present)),
    get: (key) => present.get(key),
    get revision() {
      return revision;
    },
    get store() {
      return store;
    },
    changed,
    close: async () => {
      ended.abort();
      await following;
    },
  };
}

/** Revisions are never used twice, unless the server lost its store: then the time of the put tells. */
function sameRevisions<T>(one: ReadonlyMap<string, Entry<T>>, other: ReadonlyMap<string, Entry<T>>): boolean {
  if (one.size !== other.size) return false;
  for (const [key, { revision, at }] of one) {
    const match = other.get(key);
    if (match?.revision !== revision || match.at !== at) return false;
  }
  return true;
}
