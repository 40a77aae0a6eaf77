/**
 * Keeps a connection up: tries the remotes in turn, waits with jittered backoff after a round without success.
 * Reads settings, opens sockets, tells its owner of every connection that comes up and goes down.
 * What goes over a connection is left to its owner.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ConnectionLost } from "../rpc/rpc-error.ts";
import { backoffDelayMs } from "./backoff.ts";
import type { ClientSettings } from "./client-options.ts";
import { Connection } from "./connection.ts";
import { deferred } from "./deferred.ts";
import type { Remote } from "./remote.ts";
import { openSocket } from "./socket.ts";

export interface ConnectionOwner {
  /** A server that answers. What this throws ends the connection and counts as a failed attempt. */
  up(connection: Connection): Promise<void>;
  /** Called once for each `up`, as soon as the connection is over. */
  down(connection: Connection, reason: Error): void;
}

export class Reconnector {
  readonly #settings: ClientSettings;
  readonly #owner: ConnectionOwner;
  readonly #stopped = new AbortController();
  #connection: Connection | undefined;
  #failures = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(settings: ClientSettings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Resolves when the first connection is up; rejects after `connectTimeoutMs` with the last attempt's error. */
  async start(): Promise<void> {
    const first = deferred<void>();
    let lastError: Error = new Error("no attempt was made");
    const timer = setTimeout(() => first.reject(lastError), this.#settings.connectTimeoutMs);
    this.#loop = this.#run({
      up: () => first.resolve(),
      failed: (error) => {
        lastError = error;
      },
    });
    try {
      await first.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection and every attempt; resolves when nothing of it is left. */
  async stop(reason: Error): Promise<void> {
    this.#stopped.abort(reason);
    this.#connection?.close(reason);
    await this.#loop;
  }

  async #run(told: { readonly up: () => void; readonly failed: (error: Error) => void }): Promise<void> {
    for (let turn = 0; !this.#stopped.signal.aborted; turn += 1) {
      const remote = this.#settings.remotes[turn % this.#settings.remotes.length];
      if (remote === undefined) {
        return;
      }
      try {
        await this.#serve(remote, told.up);
      } catch (error) {
        told.failed(asError(error));
      }
      await this.#pause();
    }
  }

  /** Lives as long as the connection does. Throws where it never came up. */
  async #serve(remote: Remote, up: () => void): Promise<void> {
    const { connectTimeoutMs: timeoutMs, tls } = this.#settings;
    const { signal } = this.#stopped;
    const socket = await openSocket(remote, { timeoutMs, signal, tls });
    const connection = new Connection(remote, socket, this.#settings);
    this.#connection = connection;
    try {
      await this.#greet(connection);
      const over = connection.ended.then((reason) => this.#owner.down(connection, reason));
      await this.#owner.up(connection);
      this.#failures = 0;
      up();
      await over;
    } catch (error) {
      connection.close(asError(error));
      const reason = await connection.ended;
      // Why the connection went is the answer, not that a request went with it.
      throw error instanceof ConnectionLost ? reason : error;
    }
  }

  /** A server that accepts and never answers is no server. */
  async #greet(connection: Connection): Promise<void> {
    const { connectTimeoutMs: timeoutMs } = this.#settings;
    const { text } = connection.remote;
    const silent = (): void => connection.close(new Error(`${text}: silent for ${timeoutMs} ms`));
    const timer = setTimeout(silent, timeoutMs);
    if (this.#stopped.signal.aborted) {
      silent();
    }
    try {
      await connection.request("echo", []);
    } finally {
      clearTimeout(timer);
    }
  }

  async #pause(): Promise<void> {
    const { backoff, random, remotes } = this.#settings;
    this.#failures += 1;
    if (this.#failures % remotes.length !== 0 || this.#stopped.signal.aborted) {
      return;
    }
    const rounds = this.#failures / remotes.length - 1;
    await delay(backoffDelayMs(backoff, rounds, random()), undefined, { signal: this.#stopped.signal }).catch(
      () => undefined,
    );
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
