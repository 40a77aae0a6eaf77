/**
 * Service: something that is started and stopped, and several of them as one.
 * Reads and writes nothing.
 * Signals, exit codes and configuration are left to run-service.ts.
 */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  /** Also after a start that failed or was never called. */
  stop(): Promise<void>;
}

/** Starts the parts in order and stops them in reverse; a part that fails to stop does not keep the others from it. */
export function composeServices(name: string, parts: readonly Service[]): Service {
  let started: Service[] = [];
  return {
    name,
    start: async () => {
      for (const part of parts) {
        started.push(part);
        await part.start();
      }
    },
    stop: async () => {
      const open = new AsyncDisposableStack();
      for (const part of started) open.defer(() => part.stop());
      started = [];
      await open.disposeAsync();
    },
  };
}
