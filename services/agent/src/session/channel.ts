/**
 * One open session's two streams of frames over the bus: what goes out waits while too much is unacknowledged, what comes
 * in is acknowledged once it was taken. A client that is gone is noticed, since nobody subscribes to its stream any more.
 * Frames are as schemas/src/api/session.ts says; what they mean is the session's.
 */
import { headers, NoRespondersError, RequestError } from "@nats-io/transport-node";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import {
  sessionFrameBytes,
  sessionStream,
  sessionStreamHeader,
  sessionWindow,
  SessionStreamName,
} from "@weft/schemas";

const lookForClientMs = 10_000;
const answerWithinMs = 2_000;

export type Frame =
  | { readonly stream: "stdin"; readonly data: Uint8Array }
  | { readonly stream: "eof" | "close" }
  | { readonly stream: "resize"; readonly json: unknown };

export class Channel {
  readonly #connection: NatsConnection;
  readonly #down: string;
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  readonly #onGone: () => void;
  #sent = 0;
  #acknowledged = 0;
  #taken = 0;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(
    connection: NatsConnection,
    id: string,
    listener: { readonly frame: (frame: Frame) => Promise<void>; readonly gone: () => void },
  ) {
    this.#connection = connection;
    this.#down = sessionStream(id, "down");
    this.#onGone = listener.gone;
    this.#subscription = connection.subscribe(sessionStream(id, "up"));
    this.#timer = setInterval(() => void this.#lookForClient(), lookForClientMs).unref();
    void this.#read(listener.frame);
  }

  /** Sends output; resolves when there is room for more, so a slow reader slows the command. */
  async send(stream: "stdout" | "stderr", data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += sessionFrameBytes) {
      while (!this.#closed && this.#sent - this.#acknowledged >= sessionWindow)
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#closed) return;
      this.#publish(stream, data.subarray(at, at + sessionFrameBytes));
      this.#sent += 1;
    }
  }

  /** The last frame: `exit` or `error`. */
  end(stream: "exit" | "error", value: object): void {
    if (this.#closed) return;
    this.#publish(stream, Buffer.from(JSON.stringify(value)));
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
    this.#wake();
  }

  async #read(take: (frame: Frame) => Promise<void>): Promise<void> {
    for await (const message of this.#subscription) {
      const stream = SessionStreamName.safeParse(message.headers?.get(sessionStreamHeader)).data;
      if (stream === "ack") this.#acknowledge(message);
      else if (stream === "stdin") void this.#stdin(message.data, take);
      else if (stream === "eof" || stream === "close") void take({ stream });
      else if (stream === "resize") void take({ stream, json: jsonOf(message) });
    }
  }

  async #stdin(data: Uint8Array, take: (frame: Frame) => Promise<void>): Promise<void> {
    await take({ stream: "stdin", data });
    this.#taken += 1;
    if (!this.#closed) this.#publish("ack", Buffer.from(String(this.#taken)));
  }

  #acknowledge(message: Msg): void {
    const total = jsonOf(message);
    if (typeof total !== "number") return;
    this.#acknowledged = Math.max(this.#acknowledged, total);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #publish(stream: SessionStreamName, data: Uint8Array): void {
    this.#connection.publish(this.#down, data, { headers: headersOf(stream) });
  }

  /** An acknowledgement sent as a request: without a subscriber the server answers at once that nobody hears. */
  async #lookForClient(): Promise<void> {
    try {
      await this.#connection.request(this.#down, Buffer.from(String(this.#taken)), {
        headers: headersOf("ack"),
        timeout: answerWithinMs,
      });
    } catch (cause) {
      if (!isNobody(cause) || this.#closed) return; // no answer is expected; a lost connection mends itself
      this.close();
      this.#onGone();
    }
  }
}

function isNobody(cause: unknown): boolean {
  return (
    cause instanceof NoRespondersError ||
    (cause instanceof RequestError && cause.cause instanceof NoRespondersError)
  );
}

function headersOf(stream: SessionStreamName) {
  const made = headers();
  made.set(sessionStreamHeader, stream);
  return made;
}

function jsonOf(message: Msg): unknown {
  try {
    return JSON.parse(message.string());
  } catch {
    return undefined;
  }
}
