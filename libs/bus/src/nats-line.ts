/**
 * A connection of its own to NATS for what is said or heard many times a second: the client protocol by hand (INFO, CONNECT, PUB, SUB,
 * MSG, PING, PONG) past Node's streams, since at that rate a process runs cold and each message cost 0.1 ms of processor time more by
 * the client (measured). What comes is taken from the socket only when `look` is called: it wakes nobody before.
 * What is said while there is no connection, or no room in it, is lost. No credentials, no TLS: lines.ts sees to servers that want them.
 */
import net from "node:net";
import type { Log } from "@weft/runtime";
import { readNow, writeNow } from "@weft/runtime";
import { oldestProtocol, readFrames } from "./nats-frames.ts";

const againAfterMs = 250;
/** A larger unfinished message than any that belongs here: something else is at the other end. */
const longestRest = 1_048_576;

export interface LineOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** Left out: nothing is heard, and the server's questions are answered as they come. `taken` is called after the messages of a look. */
  readonly hear?: { readonly subject: string; heard(text: string, subject: string): void; taken(): void };
}

export class NatsLine implements Disposable {
  readonly #options: LineOptions;
  readonly #buffer = Buffer.allocUnsafe(65_536);
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
    const socket = this.#socket;
    if (!this.#ready || socket === undefined || socket.writableLength > 0) return;
    const frame = `PUB ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`;
    if (writeNow(socket, frame) === "broken") socket.destroy();
  }

  /** Takes what has come since, in this turn of the event loop. */
  look(): void {
    const socket = this.#socket;
    if (!this.#ready || socket === undefined) return;
    let heard = false;
    for (let bytes: number | undefined = this.#buffer.length; bytes === this.#buffer.length;) {
      bytes = readNow(socket, this.#buffer);
      if (bytes === 0) return void socket.destroy();
      heard = this.#take(socket, this.#buffer.subarray(0, bytes ?? 0)) || heard;
    }
    if (heard) this.#options.hear?.taken();
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
    const listens = this.#options.hear !== undefined;
    const callback = (bytes: number) => {
      this.#take(socket, this.#buffer.subarray(0, bytes));
      return true;
    };
    const socket = net.connect({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port) || 4_222,
      ...(listens ? {} : { onread: { buffer: this.#buffer, callback } }),
    });
    this.#socket = socket;
    if (listens) socket.pause();
    socket.setNoDelay();
    socket.on("connect", () => this.#greet(socket));
    socket.on("error", (err) => this.#complain({ err }, "a line to the bus broke"));
    socket.on("close", () => {
      [this.#ready, this.#rest] = [false, Buffer.alloc(0)];
      if (!this.#over) this.#again = setTimeout(() => this.#connect(), againAfterMs).unref();
    });
  }

  /** Whether a message was among it. */
  #take(socket: net.Socket, chunk: Buffer): boolean {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const { frames, rest } = readFrames(data);
    this.#rest = rest.length === 0 ? rest : Buffer.from(rest); // the buffer is used again
    let heard = false;
    for (const frame of frames) {
      if (frame.kind === "message") {
        heard = true;
        this.#options.hear?.heard(frame.text, frame.subject);
      } else if (frame.kind === "ping") socket.write("PONG\r\n");
      else if (frame.kind === "error") this.#complain({ why: frame.text }, "the bus refuses a line");
    }
    if (this.#rest.length > longestRest) socket.destroy();
    return heard;
  }

  /** The server takes it before its own greeting was read. */
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
