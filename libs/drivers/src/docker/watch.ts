/**
 * Follows the daemon's events for what starts and ends, of this node's containers alone.
 * A broken stream is opened again; whoever listens is told then too, since events may have been missed.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { ownFilter } from "../labels.ts";
import type { DriverOptions, Ended } from "../port.ts";
import { endedFrom, startsHolder } from "./ended.ts";

const reopenAfterMs = 1_000;

export function watchEvents(
  docker: Docker,
  options: DriverOptions,
  changed: (ended?: Ended) => void,
): Disposable {
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
      const stream = (await docker.getEvents({
        filters: { type: ["container"], event: ["start", "die", "destroy"], label: ownFilter(options) },
      })) as Readable;
      const lines = createInterface({ input: stream });
      close = () => {
        lines.close();
        stream
          .removeAllListeners()
          .on("error", () => undefined)
          .pause();
      };
      if (closed) return close();
      lines.on("line", (line) => {
        if (!startsHolder(line)) changed(endedFrom(line));
      });
      stream.on("error", again).on("end", again);
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
