/**
 * Service: something that is started and stopped, several of them as one, and one that is nothing but what it opened.
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

/** Starts by opening things, each put on the stack; stops by disposing of them in reverse, also where opening failed midway. Started once. */
export function holdingService(
  name: string,
  begin: (open: AsyncDisposableStack) => void | Promise<void>,
): Service {
  const open = new AsyncDisposableStack();
  return {
    name,
    start: async () => begin(open),
    stop: () => open.disposeAsync(),
  };
}
