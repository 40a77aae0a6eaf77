/**
 * A unix socket that leads to a server, and can be cut: the fault that the reconnecting tests inject.
 * Passes bytes both ways; `cut` ends every connection, `hold` lets nothing come back, `rewrite` changes what is said.
 * The server behind it is a real one.
 */
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

export class CuttingProxy implements AsyncDisposable {
  readonly remote: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: string;
  /** Connections taken so far. */
  connections = 0;
  /** Bytes that servers have answered so far. */
  answeredBytes = 0;
  /** Answers of monitor_cond_since that went on where the client stopped. */
  resumed = 0;
  /** While true, answers are swallowed: requests arrive at the server, nothing returns. */
  hold = false;
  rewrite: (text: string) => string = (text) => text;
  /** Changes what the server says, chunk by chunk; undefined leaves the bytes as they are. */
  rewriteAnswer: ((text: string) => string) | undefined;

  private constructor(path: string, target: string) {
    this.remote = `unix:${path}`;
    this.#target = target.replace(/^unix:/, "");
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(path: string, target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(path, target);
    proxy.#server.listen(path);
    await once(proxy.#server, "listening");
    return proxy;
  }

  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #join(client: Socket): void {
    this.connections += 1;
    const server = connect(this.#target);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      // Both ends go together, whichever went first and however.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => void server.write(this.rewrite(chunk.toString())));
    server.on("data", (chunk: Buffer) => {
      this.answeredBytes += chunk.length;
      this.resumed += /"result":\[true,"/.test(chunk.toString("latin1")) ? 1 : 0;
      if (!this.hold) {
        client.write(this.rewriteAnswer?.(chunk.toString()) ?? chunk);
      }
    });
  }
}
