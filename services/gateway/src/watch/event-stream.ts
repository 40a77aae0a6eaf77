/**
 * Server-sent events: one open answer, written event by event. Knows when the reader is slow and when it is gone.
 * What is sent, and when, is up to the caller.
 */
import type { FastifyReply } from "fastify";

const pulseMs = 15_000;

export interface EventStream {
  /** `id`: what a reader names to go on behind it. */
  send(event: string, data: unknown, id?: number): void;
  /** More is buffered than the reader takes. */
  readonly full: boolean;
  /** Called when there is room again. */
  onRoom(listener: () => void): void;
  /** Aborted when the reader has gone. */
  readonly gone: AbortSignal;
  end(): void;
}

export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  raw.flushHeaders();
  // Tells both ends that the other is still there.
  const pulse = setInterval(() => raw.write(": \n\n"), pulseMs);
  raw.on("error", () => raw.destroy());
  raw.once("close", () => {
    clearInterval(pulse);
    gone.abort();
  });
  return {
    send: (event, data, id) =>
      void raw.write(
        `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
      ),
    get full() {
      return raw.writableNeedDrain;
    },
    onRoom: (listener) => void raw.on("drain", listener),
    gone: gone.signal,
    end: () => void raw.end(),
  };
}
