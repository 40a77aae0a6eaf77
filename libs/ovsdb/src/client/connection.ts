/**
 * One live connection: a socket, the session over it, and the probe that finds a dead peer.
 * Reads and writes the socket; `ended` settles with the reason when it is over, and is then followed by nothing.
 * Opening another is left to ovsdb-client.ts.
 */
import type { Socket } from "node:net";
import type { Limits } from "../rpc/limits.ts";
import { RpcSession } from "../rpc/session.ts";
import { deferred } from "./deferred.ts";
import type { Remote } from "./remote.ts";
import { explained } from "./tls.ts";

export interface ConnectionOptions {
  /** After this long without a byte an echo is sent; after as long again without a byte the peer is dead. 0: never. */
  readonly probeIntervalMs: number;
  readonly limits: Limits;
}

/** Gets `locked` and `stolen` with the lock's name. */
export type LockListener = (method: "locked" | "stolen", lock: unknown) => void;

/** Gets the notification's method and its parameters after the monitor's id. What it throws ends the connection. */
export type UpdateListener = (method: string, params: readonly unknown[]) => void;

export class Connection {
  readonly remote: Remote;
  readonly ended: Promise<Error>;
  readonly #socket: Socket;
  readonly #session: RpcSession;
  readonly #listeners = new Map<string, UpdateListener>();
  readonly #probe: NodeJS.Timeout | undefined;
  #onLock: LockListener = () => undefined;
  #heard = true;
  #probing = false;

  constructor(remote: Remote, socket: Socket, options: ConnectionOptions) {
    this.remote = remote;
    this.#socket = socket;
    this.#session = new RpcSession({
      write: (text) => void socket.write(text),
      onNotification: (method, params) => this.#notified(method, params),
      queuedBytes: () => socket.writableLength,
      limits: options.limits,
    });
    if (options.probeIntervalMs > 0) {
      this.#probe = setInterval(() => this.#checkPeer(), options.probeIntervalMs);
    }
    const { promise, resolve } = deferred<Error>();
    this.ended = promise;
    this.#listen(resolve);
  }

  request(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#session.request(method, params);
  }

  /** Hands the notifications of one monitor to `listener`: its id is the first parameter of each. */
  onUpdate(monitorId: string, listener: UpdateListener): void {
    this.#listeners.set(monitorId, listener);
  }

  offUpdate(monitorId: string): void {
    this.#listeners.delete(monitorId);
  }

  onLock(listener: LockListener): void {
    this.#onLock = listener;
  }

  /** Ends it at once. Requests in flight fail with ConnectionLost. */
  close(reason: Error): void {
    this.#socket.destroy(reason);
  }

  #listen(ended: (reason: Error) => void): void {
    let reason = new Error(`${this.remote.text}: closed by the server`);
    this.#socket.on("error", (error) => {
      reason = explained(this.remote, error);
    });
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#heard = true;
      try {
        this.#session.receive(chunk);
      } catch (error) {
        this.close(error instanceof Error ? error : new Error(String(error)));
      }
    });
    // The server ended its half: nothing that is still to be written will be answered.
    this.#socket.on("end", () => void this.#socket.destroy());
    this.#socket.on("close", () => {
      clearInterval(this.#probe);
      this.#listeners.clear();
      // First the owner, then the requests: whoever sees one fail already finds the client disconnected.
      ended(reason);
      this.#session.end(reason);
    });
  }

  #checkPeer(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#probing = false;
      return;
    }
    if (this.#probing) {
      this.close(new Error(`${this.remote.text}: silent for two probe intervals`));
      return;
    }
    this.#probing = true;
    // Any byte counts as life; how the echo itself ends is nobody's business.
    this.#session.request("echo", ["weft"]).catch(() => undefined);
  }

  #notified(method: string, params: readonly unknown[]): void {
    const [id, ...rest] = params;
    if (method === "locked" || method === "stolen") {
      this.#onLock(method, id);
      return;
    }
    // Update notifications of a monitor that was just cancelled may still be under way: they are dropped.
    if (typeof id === "string") {
      this.#listeners.get(id)?.(method, rest);
    }
  }
}
