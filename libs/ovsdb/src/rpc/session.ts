/**
 * One JSON-RPC session over any byte stream: matches responses to requests, answers echo, hands on notifications.
 * Reads chunks, writes text through its channel.
 * Sockets, timers and reconnecting are left to client/.
 */
import { OvsdbError, readRefusal } from "../notation/ovsdb-error.ts";
import { JsonFramer } from "./framing.ts";
import type { Limits } from "./limits.ts";
import { exceedsBytes, nestsWithin } from "./limits.ts";
import { readMessage } from "./message.ts";
import { ConnectionLost, LimitError, ProtocolError } from "./rpc-error.ts";

export interface SessionOptions {
  readonly write: (text: string) => void;
  /** Bytes written that the peer has not taken yet. */
  readonly queuedBytes: () => number;
  /** Called in the order of arrival, and always before the promise of a later response settles. */
  readonly onNotification: (method: string, params: readonly unknown[]) => void;
  readonly limits: Limits;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class RpcSession {
  readonly #options: SessionOptions;
  readonly #framer: JsonFramer;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#framer = new JsonFramer(options.limits);
  }

  /**
   * Settles with `result`; rejects with an OvsdbError for what the server refused, ConnectionLost when the session ends first, and a
   * LimitError for what was not sent.
   */
  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) {
      throw new ConnectionLost("not sent", { cause: this.#ended });
    }
    const id = this.#nextId;
    const text = this.#textOf({ id, method, params });
    this.#nextId += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    this.#options.write(text);
    return answer;
  }

  notify(method: string, params: readonly unknown[]): void {
    if (this.#ended === undefined) {
      this.#options.write(JSON.stringify({ id: null, method, params }));
    }
  }

  /** Throws what a faulty peer or a failing listener brings about; the caller then ends the session. */
  receive(chunk: Uint8Array): void {
    for (const json of this.#framer.push(chunk)) {
      this.#dispatch(json);
    }
  }

  /** Fails every request in flight: what became of them is unknown. */
  end(cause: Error): void {
    if (this.#ended !== undefined) {
      return;
    }
    this.#ended = cause;
    for (const { reject } of this.#pending.values()) {
      reject(new ConnectionLost("unknown", { cause }));
    }
    this.#pending.clear();
  }

  #textOf(request: {
    readonly id: number;
    readonly method: string;
    readonly params: readonly unknown[];
  }): string {
    const { maxMessageBytes, maxDepth, maxQueuedBytes, maxInFlight } = this.#options.limits;
    if (this.#pending.size >= maxInFlight) {
      throw new LimitError(`${maxInFlight} requests wait for their answers already`, { retryable: true });
    }
    if (this.#options.queuedBytes() > maxQueuedBytes) {
      throw new LimitError(`more than ${maxQueuedBytes} bytes wait to be sent already`, { retryable: true });
    }
    if (!nestsWithin(request, maxDepth)) {
      throw new LimitError(`a request nested more than ${maxDepth} deep`, { retryable: false });
    }
    const text = JSON.stringify(request);
    if (exceedsBytes(text, maxMessageBytes)) {
      throw new LimitError(`a request of more than ${maxMessageBytes} bytes`, { retryable: false });
    }
    return text;
  }

  #dispatch(json: unknown): void {
    const message = readMessage(json);
    switch (message.kind) {
      case "notification":
        this.#options.onNotification(message.method, message.params);
        return;
      case "request":
        this.#answer(message.id, message.method, message.params);
        return;
      case "response":
        this.#settle(message.id, message.result, message.error);
    }
  }

  /** RFC 7047 section 4.1.11: both ends answer echo. A server asks nothing else. */
  #answer(id: unknown, method: string, params: readonly unknown[]): void {
    if (this.#options.queuedBytes() > this.#options.limits.maxQueuedBytes) {
      throw new ProtocolError("more requests than it reads answers to");
    }
    const reply =
      method === "echo"
        ? { id, result: params, error: null }
        : { id, result: null, error: { error: "unknown method", details: method } };
    this.#options.write(JSON.stringify(reply));
  }

  #settle(id: unknown, result: unknown, error: unknown): void {
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (typeof id !== "number" || pending === undefined) {
      throw new ProtocolError(`an answer to nothing that was asked (id ${JSON.stringify(id)})`);
    }
    this.#pending.delete(id);
    if (error === null) {
      pending.resolve(result);
      return;
    }
    pending.reject(
      new OvsdbError(readRefusal(error) ?? { error: "unknown error", details: JSON.stringify(error) }),
    );
  }
}
