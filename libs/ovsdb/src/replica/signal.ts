/**
 * A source of events with typed listeners: what a replica tells of changes, and a client of its connection.
 * Keeps listeners, calls them in the order they came.
 * Turning events into work is left to the listeners; one that throws stops nobody else.
 */
export type Listener<E> = (event: E) => void;

/** The side that listens; the returned function ends it. */
export interface Signal<E> {
  subscribe(listener: Listener<E>): () => void;
}

export class Emitter<E> implements Signal<E> {
  readonly #listeners = new Set<Listener<E>>();

  subscribe(listener: Listener<E>): () => void {
    // A wrapper of its own, so that one function subscribed twice is called twice and ended one by one.
    const own: Listener<E> = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: E): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // Reported as an uncaught error of its own: a faulty listener must not stop the rows from following the server.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
