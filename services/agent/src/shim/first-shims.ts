/**
 * Shims that came with the first wiring of a namespace that this agent has just made: their rules are the ones that the wiring loaded, and
 * nothing else can be in them, so the kernel need not be asked. A shard gets no slot before its shim is known, and where its group has
 * slots already the question is one nft for each of eight maps. Remembers; reads and writes nothing.
 */
interface First {
  readonly namespaceInode: number;
  /** Of the rules; undefined until they are loaded. */
  readonly mark?: string;
}

export class FirstShims {
  readonly #known = new Map<string, First>();

  /** The placement's namespace was made just now. */
  made(uid: string, namespaceInode: number): void {
    this.#known.set(uid, { namespaceInode });
  }

  /** Its wiring has loaded these rules; undefined: it failed, and nobody knows how far it came. */
  wired(uid: string, mark: string | undefined): void {
    const first = this.#known.get(uid);
    const again = first?.mark !== undefined;
    if (first === undefined) return;
    if (again || mark === undefined) this.#known.delete(uid);
    else this.#known.set(uid, { ...first, mark });
  }

  /** Mark of all that is in the shim; undefined: the kernel must be asked. Good for one answer, for from then on it may be changed. */
  take(uid: string, namespaceInode: number): string | undefined {
    const first = this.#known.get(uid);
    this.#known.delete(uid);
    return first?.namespaceInode === namespaceInode ? first.mark : undefined;
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
