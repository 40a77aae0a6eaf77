/**
 * Buckets of records and views of them. A view stands at some version and moves only forward, by itself: so its owner decides
 * from what was long ago, another view may be further, and a message that is lost, doubled or late is a view that stands or jumps.
 */

export interface Found<T> {
  readonly value: T;
  readonly revision: number;
}
type Entries<T> = ReadonlyMap<string, Found<T>>;

export class Bucket<T> {
  #versions: Entries<T>[] = [new Map()];

  get version(): number {
    return this.#versions.length - 1;
  }

  get latest(): Entries<T> {
    return this.at(this.version);
  }

  at(version: number): Entries<T> {
    return this.#versions[version] ?? new Map();
  }

  get(key: string): T | undefined {
    return this.latest.get(key)?.value;
  }

  /** False when the record is at another revision than the writer decided from. `null` removes it. */
  write(key: string, value: T | null, ifRevision?: number): boolean {
    const before = this.latest;
    if (ifRevision !== undefined && (before.get(key)?.revision ?? 0) !== ifRevision) return false;
    const after = new Map(before);
    if (value === null) after.delete(key);
    else after.set(key, { value, revision: this.version + 1 });
    this.#versions.push(after);
    return true;
  }

  /** The server lost its store. */
  forget(): void {
    this.#versions.push(new Map());
  }
}

export class View<T> {
  readonly #bucket: Bucket<T>;
  #at: number;

  constructor(bucket: Bucket<T>) {
    this.#bucket = bucket;
    this.#at = bucket.version;
  }

  get entries(): Entries<T> {
    return this.#bucket.at(this.#at);
  }

  get version(): number {
    return this.#at;
  }

  /** By so many changes, or by all that there are. */
  advance(changes = Infinity): void {
    this.#at = Math.min(this.#bucket.version, this.#at + changes);
  }
}
