/** One TCP connection that sends numbered lines and wants each of them back, in order and unchanged. */
import { connect } from "node:net";
import type { Socket } from "node:net";

export class HeldConnection {
  readonly #socket: Socket;
  #sequence = 0;
  #received = "";
  #broken = false;
  #look: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#look();
    });
    socket.on("error", () => this.#break());
    socket.on("close", () => this.#break());
  }

  /** Resolves with the connection, or with undefined when it is not open within the time. */
  static open(host: string, port: number, timeoutMs: number): Promise<HeldConnection | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, noDelay: true });
      const give = (result: HeldConnection | undefined) => {
        clearTimeout(timer);
        if (result === undefined) socket.destroy();
        resolve(result);
      };
      const timer = setTimeout(() => give(undefined), timeoutMs);
      socket.once("error", () => give(undefined));
      socket.once("connect", () => give(new HeldConnection(socket)));
    });
  }

  /** Sends the next line; true when it came back whole within the time. */
  async echo(timeoutMs: number): Promise<boolean> {
    if (this.#broken) return false;
    this.#sequence += 1;
    const wanted = `weft ${this.#sequence}\n`;
    this.#received = "";
    this.#socket.write(wanted);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    this.#look = () => {
      if (this.#broken) resolve(false);
      else if (this.#received.length >= wanted.length) resolve(this.#received === wanted);
    };
    const answered = await promise;
    clearTimeout(timer);
    return answered;
  }

  close(): void {
    this.#socket.destroy();
  }

  #break(): void {
    this.#broken = true;
    this.#look();
  }
}
