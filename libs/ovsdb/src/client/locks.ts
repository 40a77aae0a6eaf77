/**
 * Locks of a session (RFC 7047 sections 4.1.8 to 4.1.10), asked for again over every new connection.
 * Reads answers and the notifications `locked` and `stolen`; one Lock object for each name.
 * Guarding transactions with them (`assert`) is left to the caller.
 */
import { isObject } from "../notation/json.ts";
import type { AssertOperation } from "../notation/operation.ts";
import { assert } from "../notation/transaction.ts";
import type { Signal } from "../replica/signal.ts";
import { Emitter } from "../replica/signal.ts";
import { ConnectionLost } from "../rpc/rpc-error.ts";
import type { Deferred } from "./deferred.ts";
import { deferred } from "./deferred.ts";

/** What locks need of a connection. */
export interface LockConnection {
  request(method: string, params: readonly unknown[]): Promise<unknown>;
}

/**
 * A lock that this client asks for until it is released. It lives in one server's process, so in a cluster it keeps out only those
 * who ask the same server: connect with `leaderOnly`. It is no fence by itself: let every guarded transaction carry `assert()`.
 */
export interface Lock extends AsyncDisposable {
  readonly name: string;
  /** False while another session has it, while disconnected, and after `release`. */
  readonly held: boolean;
  /** Each time `held` changes. */
  readonly changed: Signal<{ readonly held: boolean }>;
  /** Resolves when it is held; at once where it is. Rejects when it is released, or its client closed, before that. */
  acquired(): Promise<void>;
  /** The operation that makes a transaction fail with "not owner" where the lock is not held. */
  assert(): AssertOperation;
  /** Gives it up; the next in the queue gets it. */
  release(): Promise<void>;
}

class AskedLock implements Lock {
  readonly name: string;
  readonly changed = new Emitter<{ readonly held: boolean }>();
  readonly answered: Deferred<void> = deferred();
  readonly #release: () => Promise<void>;
  held = false;
  #waiting: Deferred<void> = quiet(deferred());
  #told = 0;

  constructor(name: string, release: () => Promise<void>) {
    this.name = name;
    this.#release = release;
  }

  async acquired(): Promise<void> {
    await this.#waiting.promise;
  }

  assert(): AssertOperation {
    return assert(this.name);
  }

  async release(): Promise<void> {
    await this.#release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release();
  }

  async ask(connection: LockConnection, method: "lock" | "steal"): Promise<void> {
    const told = this.#told;
    const answer = await connection.request(method, [this.name]);
    // A notification that came in the wake of the answer is newer than it.
    if (told === this.#told) {
      this.tell(isObject(answer) && answer["locked"] === true);
    }
    this.answered.resolve();
  }

  tell(held: boolean): void {
    this.#told += 1;
    if (held === this.held) {
      return;
    }
    this.held = held;
    if (held) {
      this.#waiting.resolve();
    } else {
      this.#waiting = quiet(deferred());
    }
    this.changed.emit({ held });
  }

  end(reason: Error): void {
    this.tell(false);
    this.#waiting.reject(reason);
    quiet(this.answered).reject(reason);
  }
}

/** Nobody need wait for it: its rejection is not an unhandled one. */
function quiet<T>(end: Deferred<T>): Deferred<T> {
  end.promise.catch(() => undefined);
  return end;
}

export class Locks {
  readonly #locks = new Map<string, AskedLock>();
  #connection: LockConnection | undefined;

  /** Resolves with the server's first answer, held or not. Rejects with what it refuses; a lost connection is left to the next one. */
  async take(name: string, method: "lock" | "steal"): Promise<Lock> {
    if (this.#locks.has(name)) {
      throw new RangeError(`the lock "${name}" is asked for already by this client`);
    }
    const lock: AskedLock = new AskedLock(name, () => this.#release(lock));
    this.#locks.set(name, lock);
    if (this.#connection !== undefined) {
      lock.ask(this.#connection, method).catch((error: unknown) => {
        if (!(error instanceof ConnectionLost)) {
          this.#locks.delete(name);
          lock.answered.reject(error);
        }
      });
    }
    await lock.answered.promise;
    return lock;
  }

  /** Asks again for every lock, and steals none. */
  async up(connection: LockConnection): Promise<void> {
    this.#connection = connection;
    await Promise.all([...this.#locks.values()].map((lock) => lock.ask(connection, "lock")));
  }

  /** A session's locks end with it. */
  down(): void {
    this.#connection = undefined;
    this.#locks.forEach((lock) => lock.tell(false));
  }

  notified(method: "locked" | "stolen", name: unknown): void {
    if (typeof name === "string") {
      this.#locks.get(name)?.tell(method === "locked");
    }
  }

  close(reason: Error): void {
    this.#locks.forEach((lock) => lock.end(reason));
    this.#locks.clear();
  }

  async #release(lock: AskedLock): Promise<void> {
    if (this.#locks.get(lock.name) !== lock) {
      return;
    }
    this.#locks.delete(lock.name);
    lock.end(new RangeError(`the lock "${lock.name}" was released`));
    try {
      await this.#connection?.request("unlock", [lock.name]);
    } catch (error) {
      // With the connection the server has dropped the lock anyway.
      if (!(error instanceof ConnectionLost)) {
        throw error;
      }
    }
  }
}
