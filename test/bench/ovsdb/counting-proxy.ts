/**
 * A unix socket that leads to a server, counts the bytes that come back, and can be cut.
 * Passes bytes both ways as they are.
 * What a count means is left to reconnect.ts.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export class CountingProxy implements AsyncDisposable {
  answeredBytes = 0;
  readonly #folder: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(folder: string, target: string) {
    this.#folder = folder;
    this.#server = createServer((client) => this.#join(client, connect(target.replace(/^unix:/, ""))));
  }

  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(await mkdtemp(path.join(tmpdir(), "weft-bench-")), target);
    proxy.#server.listen(path.join(proxy.#folder, "proxy.sock"));
    await once(proxy.#server, "listening");
    return proxy;
  }

  get remote(): string {
    return `unix:${path.join(this.#folder, "proxy.sock")}`;
  }

  cut(): void {
    for (const client of this.#clients) client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #join(client: Socket, server: Socket): void {
    this.#clients.add(client);
    server.on("data", (chunk: Buffer) => (this.answeredBytes += chunk.length));
    client.pipe(server);
    server.pipe(client);
    for (const socket of [client, server])
      socket
        .on("error", () => undefined)
        .on("close", () => {
          this.#clients.delete(client);
          client.destroy();
          server.destroy();
        });
  }
}
