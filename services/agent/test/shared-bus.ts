/** A bus on a real server for all tests of a file, and what stands beside it in the ports of an agent that is not run whole. */
import { connectBus } from "@weft/bus";
import type { Bus } from "@weft/bus";
import { createLog } from "@weft/runtime";
import type { Signal } from "@weft/runtime";
import { startNats } from "@weft/testkit";
import { afterAll, beforeAll } from "vitest";

export const log = createLog("agent", "silent");
/** Of a part that never changes. */
export const silent: Signal = { subscribe: () => () => {} };

/** Begins it before the file's tests and ends it after them; ask for it in a test or a hook. */
export function sharedBus(): () => Bus {
  const open = new AsyncDisposableStack();
  let bus: Bus | undefined;
  beforeAll(async () => {
    const nats = open.use(await startNats());
    bus = open.adopt(await connectBus({ url: nats.url, name: "test", log }), (connected) =>
      connected.close(),
    );
  });
  afterAll(() => open.disposeAsync());
  return () => {
    if (bus === undefined) throw new Error("The bus is there once the file's tests begin.");
    return bus;
  };
}
