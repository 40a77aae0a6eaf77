/**
 * When a lost connection is tried again, by the monotonic clock. The client itself waits by the wall clock between two tries, and was away for a
 * day after that had been set back by a day: here its own wait is always over, and the one of this file is the only one.
 */
import type { ConnectionOptions } from "@nats-io/transport-node";

const pauseMs = 250;
/** Spread, so that not all come at once. */
const jitterMs = 100;

export function redial(): Pick<ConnectionOptions, "reconnectDelayHandler" | "reconnectToServer"> {
  let nextMs = 0;
  return {
    reconnectDelayHandler: () => Number.NEGATIVE_INFINITY,
    // The first one is the client's own choice.
    reconnectToServer: ([server = null]) => {
      const nowMs = performance.now();
      const delay = Math.max(0, nextMs - nowMs);
      nextMs = nowMs + delay + pauseMs + Math.random() * jitterMs;
      return server === null ? null : { server, delay };
    },
  };
}
