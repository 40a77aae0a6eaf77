/**
 * A connection of its own to NATS for what is said or heard many times a second: the client protocol by hand (INFO, CONNECT, PUB, SUB,
 * MSG, PING, PONG), since at that rate a process runs cold and each message cost 0.1 ms of processor time more by the client (measured).
 * What comes is taken from the socket only when `look` is called, so that many senders wake a listener once.
 * What is said while there is no connection is lost. No credentials, no TLS: lines.ts sees to servers that want them.
 */
import net from "node:net";
import type { Log } from "@weft/runtime";
import { oldestProtocol, readFrames } from "./nats-frames.ts";

const againAfterMs = 250;
/** A larger unfinished message than any that belongs here: something else is at the other end. */
const longestRest = 1_048_576;

export interface LineOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** Left out: nothing is heard. `taken` is called after the messages that came at once. */
  readonly hear?: { readonly subject: string; heard(text: string, subject: string): void; taken(): void };
}

export class NatsLine implements Disposable {
  readonly #options: LineOptions;
  #socket: net.Socket | undefined;
  #ready = false;
  #rest: Buffer = Buffer.alloc(0);
  #again: NodeJS.Timeout | undefined;
  #failed = false;
  #over = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#connect();
  }

  publish(subject: string, text: string): void {
    if (this.#ready) this.#socket?.write(`PUB ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }

  /** Takes what has come since, in this turn of the event loop. */
  look(): void {
    this.#socket?.resume();
  }

  /** Drops the connection and what is in it, and makes another. */
  renew(): void {
    this.#socket?.destroy();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#again);
    this.#socket?.destroy();
  }

  #connect(): void {
    const { hostname, port } = new URL(this.#options.url);
    const buffer = Buffer.allocUnsafe(65_536);
    const socket = net.connect({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port) || 4_222,
      // With a buffer of its own a socket that is paused reads nothing at all.
      onread: {
        buffer,
        callback: (bytes) => {
          this.#take(socket, buffer.subarray(0, bytes));
          // false pauses it; a full buffer may not be all there is.
          return !this.#ready || this.#options.hear === undefined || bytes === buffer.length;
        },
      },
    });
    this.#socket = socket;
    socket.setNoDelay();
    socket.on("error", (err) => this.#complain({ err }, "a line to the bus broke"));
    socket.on("close", () => {
      [this.#ready, this.#rest] = [false, Buffer.alloc(0)];
      if (!this.#over) this.#again = setTimeout(() => this.#connect(), againAfterMs).unref();
    });
  }

  #take(socket: net.Socket, chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const { frames, rest } = readFrames(data);
    this.#rest = Buffer.from(rest); // the buffer is used again
    const { hear } = this.#options;
    let heard = false;
    for (const frame of frames) {
      if (frame.kind === "message") {
        heard = true;
        hear?.heard(frame.text, frame.subject);
      } else if (frame.kind === "ping") socket.write("PONG\r\n");
      else if (frame.kind === "info" && !this.#ready) this.#greet(socket);
      else if (frame.kind === "error") this.#complain({ why: frame.text }, "the bus refuses a line");
    }
    if (heard) hear?.taken();
    if (this.#rest.length > longestRest) socket.destroy();
  }

  #greet(socket: net.Socket): void {
    const { name, hear } = this.#options;
    const options = {
      verbose: false,
      pedantic: false,
      protocol: oldestProtocol,
      lang: "weft",
      version: "1",
      name,
    };
    const subscribe = hear === undefined ? "" : `SUB ${hear.subject} 1\r\n`;
    socket.write(`CONNECT ${JSON.stringify(options)}\r\n${subscribe}`);
    [this.#ready, this.#failed] = [true, false];
  }

  /** Once for each time that it is away. */
  #complain(facts: object, text: string): void {
    if (!this.#failed && !this.#over) this.#options.log.warn(facts, text);
    this.#failed = true;
  }
}
