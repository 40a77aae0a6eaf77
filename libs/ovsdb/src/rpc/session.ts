/**
 * One JSON-RPC session over any byte stream: matches responses to requests, answers echo, hands on notifications.
 * Reads chunks, writes text through its channel.
 * Sockets, timers and reconnecting are left to client/.
 */
import { OvsdbError, readRefusal } from "../notation/ovsdb-error.ts";
import { JsonFramer } from "./framing.ts";
import { readMessage } from "./message.ts";
import { ConnectionLost, ProtocolError } from "./rpc-error.ts";

export interface SessionOptions {
  readonly write: (text: string) => void;
  /** Called in the order of arrival, and always before the promise of a later response settles. */
  readonly onNotification: (method: string, params: readonly unknown[]) => void;
  readonly maxMessageBytes: number;
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
    this.#framer = new JsonFramer(options.maxMessageBytes);
  }

  /** Settles with `result`; rejects with an OvsdbError for what the server refused, ConnectionLost when the session ends first. */
  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) {
      throw new ConnectionLost("not sent", { cause: this.#ended });
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    this.#options.write(JSON.stringify({ id, method, params }));
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
