/**
 * Shims that came with the first wiring of a namespace that this agent has just made: their rules are the ones that the wiring loaded, and
 * nothing else can be in them, so the kernel need not be asked. A shard gets no slot before its shim is known, and where its group has
 * slots already the question is one nft for each of eight maps. Remembers; reads and writes nothing.
 */
export interface FirstShim {
  /** Of its rules. */
  readonly mark: string;
  /** Its gate is closed. */
  readonly waiting: boolean;
}
interface First {
  readonly namespaceInode: number;
  /** Undefined until it is loaded. */
  readonly shim?: FirstShim;
}

export class FirstShims {
  readonly #known = new Map<string, First>();

  /** The placement's namespace was made just now. */
  made(uid: string, namespaceInode: number): void {
    this.#known.set(uid, { namespaceInode });
  }

  /** Its wiring has loaded this; undefined: it failed, and nobody knows how far it came. */
  wired(uid: string, shim: FirstShim | undefined): void {
    const first = this.#known.get(uid);
    const again = first?.shim !== undefined;
    if (first === undefined) return;
    if (again || shim === undefined) this.#known.delete(uid);
    else this.#known.set(uid, { ...first, shim });
  }

  /** All that is in the shim; undefined: the kernel must be asked. Good for one answer, for from then on it may be changed. */
  take(uid: string, namespaceInode: number): FirstShim | undefined {
    const first = this.#known.get(uid);
    this.#known.delete(uid);
    return first?.namespaceInode === namespaceInode ? first.shim : undefined;
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
