/**
 * Where the gateway listens: on one address for everything, and on further ones for hosts that join and nothing else.
 * The further ones hand their sockets to the same server, so the guard alone decides what is answered where.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import type { FastifyInstance } from "fastify";

export class JoinListeners {
  readonly #sockets = new WeakSet<Socket>();
  readonly #open = new AsyncDisposableStack();

  /** True for a connection that came in where only joining is answered. */
  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  async listen(app: FastifyInstance, hosts: readonly string[], port: number): Promise<void> {
    for (const host of hosts) {
      const server = createServer((socket) => {
        this.#sockets.add(socket);
        app.server.emit("connection", socket);
      });
      server.listen({ host, port });
      await once(server, "listening");
      this.#open.defer(() => new Promise((resolve) => server.close(() => resolve())));
    }
  }

  /** Connections that are still open are the app's to end, so close it first. */
  close(): Promise<void> {
    return this.#open.disposeAsync();
  }
}
