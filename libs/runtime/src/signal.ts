/**
 * Signal: "look again", never what changed, so that a lost or doubled one costs nothing.
 * Reads and writes nothing.
 * What to look at is left to who subscribes.
 */
export interface Signal {
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
}

export interface Emitter extends Signal {
  emit(): void;
}

export function createEmitter(): Emitter {
  const listeners = new Set<{ readonly run: () => void }>();
  return {
    subscribe: (run) => {
      const entry = { run };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    emit: () => {
      const now = [...listeners]; // who subscribes meanwhile is not meant
      for (const { run } of now) run();
    },
  };
}
