/**
 * When this agent itself changes a placement's inside. A look that such a change overtook saw something that is neither what
 * was nor what is, and says nothing: taken for drift, it would be mended.
 */
export class OwnChanges {
  readonly #begun = new Map<string, number>();
  readonly #done = new Map<string, number>();

  /** A change that is made by now. */
  made(uid: string): void {
    count(this.#begun, uid);
    count(this.#done, uid);
  }

  /** A change that lasts until disposed of, however it ends. */
  during(uid: string): Disposable {
    count(this.#begun, uid);
    return { [Symbol.dispose]: () => count(this.#done, uid) };
  }

  /** Called when a look begins; what is returned tells, when it has ended, whether a change fell into it. */
  sinceNow(): (uid: string) => boolean {
    const done = new Map(this.#done);
    return (uid) => (done.get(uid) ?? 0) !== (this.#begun.get(uid) ?? 0);
  }

  forget(uid: string): void {
    this.#begun.delete(uid);
    this.#done.delete(uid);
  }
}

function count(counts: Map<string, number>, uid: string): void {
  counts.set(uid, (counts.get(uid) ?? 0) + 1);
}
