/**
 * Transactions whose fate is known even where their answer is lost: it is read, and nothing is ever sent twice.
 * Each waits for the mark that it was built upon and leaves its own; afterwards the mark tells what became of it (slot-mark.ts).
 * Connecting again is left to the client.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { DatabaseSchema } from "../notation/database-schema.ts";
import type { Operation, OperationResult } from "../notation/operation.ts";
import { OvsdbError } from "../notation/ovsdb-error.ts";
import { ConnectionLost } from "../rpc/rpc-error.ts";
import { fateOf, markAfter } from "./slot-mark.ts";
import type { AnyPlace } from "./slot-operations.ts";
import { SlotOperations } from "./slot-operations.ts";

/** What a slot needs of a client. */
export interface SlotClient {
  transact(database: string, operations: readonly Operation[]): Promise<readonly OperationResult[]>;
  /** Resolves when there is a connection; rejects after that long without. */
  connectedWithin(timeoutMs: number): Promise<void>;
}

export interface Committed {
  /** One for each operation; undefined where the answer was lost and the mark told that the transaction is in. */
  readonly results: readonly OperationResult[] | undefined;
}

const pauseMs = 20;

export class CommitSlot {
  readonly #client: SlotClient;
  readonly #database: string;
  readonly #operations: SlotOperations;
  readonly #resolveTimeoutMs: number;
  /** The mark as it is, as far as known. */
  #mark: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** Made by `OvsdbClient.commitSlot`. */
  constructor(
    client: SlotClient,
    options: {
      readonly schema: DatabaseSchema;
      readonly place: AnyPlace;
      readonly resolveTimeoutMs: number;
    },
  ) {
    this.#client = client;
    this.#database = options.schema.name;
    this.#operations = new SlotOperations(options.schema, options.place);
    this.#resolveTimeoutMs = options.resolveTimeoutMs;
  }

  /**
   * All operations, once, or none. Resolves where they are in, whether or not the answer came. Rejects with what the server refused,
   * or with ConnectionLost: "not sent" and "not committed" mean that they are not in and never will be; "unknown" only where no server
   * could be asked within `resolveTimeoutMs`, or more than seven others wrote the mark meanwhile. Commits of one slot follow each other.
   * An OvsdbError "timed out" whose `operation` is the number of operations: somebody else wrote the mark; look again.
   */
  commit(operations: readonly Operation[]): Promise<Committed> {
    const committed = this.#turn.then(() => this.#commit(operations));
    this.#turn = committed.catch(() => undefined);
    return committed;
  }

  async #commit(operations: readonly Operation[]): Promise<Committed> {
    const before = this.#mark ?? (await this.#claim());
    const id = randomUUID();
    const mark = markAfter(id, before);
    this.#mark = undefined;
    try {
      const results = await this.#send([...operations, ...this.#operations.move(before, mark)]);
      this.#mark = mark;
      return { results: results.slice(0, operations.length) };
    } catch (error) {
      if (!mayBeIn(error)) {
        throw error;
      }
      if ((await this.#resolve({ id, before }, error)) === "committed") {
        return { results: undefined };
      }
      throw error instanceof ConnectionLost ? new ConnectionLost("not committed", { cause: error }) : error;
    }
  }

  /** The mark that is there, or a first one. Harmless however often it arrives: a mark that is there stays. */
  async #claim(): Promise<string> {
    try {
      const results = await this.#send(this.#operations.claim(randomUUID()));
      return this.#operations.readMark(results[1]) ?? "";
    } catch (error) {
      // What was to be committed has not left this process.
      throw error instanceof ConnectionLost ? new ConnectionLost("not sent", { cause: error }) : error;
    }
  }

  /** Reads until the mark tells, and where the transaction may still come, takes its place so that it cannot. */
  async #resolve(
    transaction: { readonly id: string; readonly before: string },
    cause: unknown,
  ): Promise<"committed" | "never"> {
    const deadline = Date.now() + this.#resolveTimeoutMs;
    for (let left = this.#resolveTimeoutMs; left > 0; left = deadline - Date.now()) {
      try {
        await this.#client.connectedWithin(left);
        const [answer] = await this.#send([this.#operations.read()]);
        const fate = fateOf(transaction, this.#operations.readMark(answer));
        if (fate === "unknown") {
          break;
        }
        if (fate !== "open") {
          return fate;
        }
        // A refusal that the server vouches for is final, also where its answer could have been another (see mayBeIn).
        if (cause instanceof OvsdbError && !cause.retryable) {
          this.#mark = transaction.before;
          return "never";
        }
        const mark = markAfter(randomUUID(), transaction.before);
        await this.#send(this.#operations.move(transaction.before, mark));
        this.#mark = mark;
        return "never";
      } catch (error) {
        if (!mayBeIn(error) && !(error instanceof ConnectionLost)) {
          break;
        }
        await delay(Math.min(pauseMs, left));
      }
    }
    throw new ConnectionLost("unknown", { cause });
  }

  #send(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    return this.#client.transact(this.#database, operations);
  }
}

/**
 * Not only a lost answer leaves it open: a clustered server that loses the lead carries a transaction out again, so that the second time
 * is refused by its own first.
 */
function mayBeIn(error: unknown): boolean {
  return error instanceof OvsdbError || (error instanceof ConnectionLost && error.outcome === "unknown");
}
