/**
 * Follows the daemon's events for what starts and ends, of this node's containers alone.
 * A broken stream is opened again; whoever listens is told then too, since events may have been missed.
 */
import type Docker from "dockerode";
import { ownFilter } from "../labels.ts";
import type { DriverOptions } from "../port.ts";

const reopenAfterMs = 1_000;

export function watchEvents(docker: Docker, options: DriverOptions, changed: () => void): Disposable {
  let closed = false;
  let close = () => {};
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      changed();
      void open();
    }, reopenAfterMs).unref();
  };
  const open = async () => {
    try {
      const stream = await docker.getEvents({
        filters: { type: ["container"], event: ["start", "die", "destroy"], label: ownFilter(options) },
      });
      close = () =>
        void stream
          .removeAllListeners()
          .on("error", () => undefined)
          .pause();
      if (closed) return close();
      stream.on("data", changed).on("error", again).on("end", again);
    } catch {
      again();
    }
  };
  void open();
  return {
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
      close();
    },
  };
}
