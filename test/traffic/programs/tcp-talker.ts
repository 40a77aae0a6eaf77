/**
 * One TCP connection that sends numbered messages and wants each answered, in order and to the byte.
 * It is broken once it is closed by anybody else, or once a message stays without an answer for too long.
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { FrameReader, encodeFrame } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { Tally } from "./tally.ts";

export interface Talk {
  readonly from: string;
  readonly to: { readonly host: string; readonly port: number };
  readonly bytes: number;
  readonly answerBytes: number;
  readonly stallMs: number;
}

const lookEveryMs = 250;

export class TcpTalker {
  readonly #talk: Talk;
  readonly #flow: number;
  readonly #tally: Tally;
  readonly #reader = new FrameReader();
  #socket: Socket | undefined;
  #sequence = 0;
  /** When each message that waits for its answer was sent. */
  readonly #waiting: number[] = [];
  #watch: NodeJS.Timeout | undefined;
  #over = false;
  #tellAnswered: (() => void)[] = [];

  constructor(talk: Talk, flow: number, tally: Tally) {
    this.#talk = talk;
    this.#flow = flow;
    this.#tally = tally;
  }

  get alive(): boolean {
    return this.#socket !== undefined && !this.#over;
  }

  /** Resolves when it is open, or known not to open. */
  open(): Promise<boolean> {
    const { from, to, stallMs } = this.#talk;
    return new Promise((resolve) => {
      const socket = connect({ ...to, localAddress: from, noDelay: true });
      const fail = (reason: string) => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on("error", () => undefined);
        socket.destroy();
        this.#over = true;
        this.#tally.failedToOpen(reason, from);
        resolve(false);
      };
      const timer = setTimeout(() => fail("no answer"), stallMs);
      socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.removeAllListeners("error");
        this.#tally.opened += 1;
        this.#follow(socket);
        resolve(true);
      });
    });
  }

  /** Sends the next message. Resolves when nothing waits for an answer any more: all came, or it broke. */
  speak(answerBytes = this.#talk.answerBytes): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || this.#over) return Promise.resolve();
    this.#sequence += 1;
    const { window } = this.#tally;
    const frame = { kind: "ask", window, flow: this.#flow, sequence: this.#sequence, answerBytes } as const;
    socket.write(encodeFrame({ ...frame, everyMs: 0 }, this.#talk.bytes));
    this.#tally.sentOne();
    this.#waiting.push(performance.now());
    this.#watch ??= setInterval(() => this.#look(), lookEveryMs);
    return new Promise((resolve) => void this.#tellAnswered.push(resolve));
  }

  close(): void {
    this.#end();
    this.#socket?.destroy();
  }

  #follow(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      for (const frame of this.#reader.take(chunk)) this.#take(frame);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => this.#break(error.code ?? error.message));
    socket.on("close", () => this.#break("closed by the other side"));
  }

  #take(frame: Frame | "wrong"): void {
    if (this.#over) return;
    const expected = this.#sequence - this.#waiting.length + 1;
    const right =
      frame !== "wrong" &&
      frame.kind === "answer" &&
      frame.flow === this.#flow &&
      frame.sequence === expected &&
      this.#waiting.length > 0;
    if (!right) {
      this.#tally.wrong += 1;
      this.#break("wrong bytes");
      return;
    }
    const sentAt = this.#waiting.shift() ?? performance.now();
    this.#tally.gap(performance.now() - sentAt);
    this.#tally.receivedOne(frame.window);
    if (this.#waiting.length > 0) return;
    this.#rest();
  }

  #look(): void {
    const waitedMs = performance.now() - (this.#waiting[0] ?? performance.now());
    if (waitedMs < this.#talk.stallMs) return;
    this.#tally.gap(waitedMs);
    this.#break(`no answer for ${this.#talk.stallMs} ms`);
  }

  #break(reason: string): void {
    if (this.#over) return;
    this.#tally.broke(reason, this.#talk.from);
    this.#end();
    this.#socket?.destroy();
  }

  #end(): void {
    this.#over = true;
    this.#rest();
  }

  /** Nothing waits for an answer. */
  #rest(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    for (const tell of this.#tellAnswered.splice(0)) tell();
  }
}
