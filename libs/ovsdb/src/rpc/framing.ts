/**
 * A byte stream → whole JSON texts. JSON-RPC over a stream has no lengths and no separators (RFC 7047 section 4),
 * so a message ends where its outermost bracket closes. Brackets, quotes and backslashes are ASCII, and no byte of a longer
 * UTF-8 sequence looks like one, so bytes are scanned as they come, however they were cut. Meaning is left to message.ts.
 */
import type { Limits } from "./limits.ts";
import { ProtocolError } from "./rpc-error.ts";

const quote = 0x22;
const backslash = 0x5c;
const openers: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closers: ReadonlySet<number> = new Set([0x7d, 0x5d]);
/** Pieces of a message are joined up to this size, so that a peer that sends byte by byte costs no object for each. */
const joinedBytes = 65_536;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class JsonFramer {
  readonly #maxBytes: number;
  readonly #maxDepth: number;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Messages longer or nested deeper than this are refused before they are parsed. */
  constructor(limits: Pick<Limits, "maxMessageBytes" | "maxDepth">) {
    this.#maxBytes = limits.maxMessageBytes;
    this.#maxDepth = limits.maxDepth;
  }

  /** Takes the next bytes, returns the messages that they complete. Throws a ProtocolError; the stream is then lost. */
  push(chunk: Uint8Array): readonly unknown[] {
    const messages: unknown[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#depth === 0 && !openers.has(byte)) {
        if (!blanks.has(byte)) {
          throw new ProtocolError(`a message begins with byte 0x${byte.toString(16)}`);
        }
        start = at + 1;
      } else if (this.#scan(byte)) {
        messages.push(this.#finish(chunk.subarray(start, at + 1)));
        start = at + 1;
      }
    }
    this.#keep(chunk.subarray(start));
    return messages;
  }

  /** True where this byte ends a message. */
  #scan(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === backslash) {
        this.#escaped = true;
      } else if (byte === quote) {
        this.#inString = false;
      }
      return false;
    }
    if (byte === quote) {
      this.#inString = true;
    } else if (openers.has(byte)) {
      this.#depth += 1;
      if (this.#depth > this.#maxDepth) {
        throw new ProtocolError(`a message nested more than ${this.#maxDepth} deep`);
      }
    } else if (closers.has(byte)) {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    return false;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      return;
    }
    this.#partBytes += bytes.length;
    if (this.#partBytes > this.#maxBytes) {
      throw new ProtocolError(`a message of more than ${this.#maxBytes} bytes`);
    }
    // A copy: the socket may use its buffer again.
    let part: Uint8Array = bytes.slice();
    for (let last = this.#parts.at(-1); last !== undefined; last = this.#parts.at(-1)) {
      if (last.length > part.length || last.length + part.length > joinedBytes) {
        break;
      }
      this.#parts.pop();
      part = joined(last, part);
    }
    this.#parts.push(part);
  }

  #finish(last: Uint8Array): unknown {
    this.#keep(last);
    const parts = this.#parts;
    const decoder = new TextDecoder("utf-8", { fatal: true });
    this.#parts = [];
    this.#partBytes = 0;
    try {
      const text = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
      return JSON.parse(text);
    } catch (error) {
      throw new ProtocolError("a message that is no JSON", { cause: error });
    }
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
