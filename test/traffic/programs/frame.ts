/**
 * One numbered message: which flow, which number, in which window it was sent, how long an answer it wants, and a checksum over
 * all of it. The same on a stream and in a datagram. Pure; sockets are left to the flows.
 */
import { crc32 } from "node:zlib";

const magic = 0x57454654; // "WEFT"
const crcAt = 20;
export const headerBytes = 24;
export const longestFrame = 65_000;

/** `ask` wants an answer; `subscribe` wants pushed datagrams until `unsubscribe`. */
export const frameKinds = ["ask", "answer", "subscribe", "push", "unsubscribe"] as const;
export type FrameKind = (typeof frameKinds)[number];

export interface Frame {
  readonly kind: FrameKind;
  /** A stretch of the run that losses are counted for apart: see orders.ts. */
  readonly window: number;
  readonly flow: number;
  /** Counts from 1 in each flow. */
  readonly sequence: number;
  /** Of the answer, or of each pushed datagram. */
  readonly answerBytes: number;
  /** Between pushed datagrams. */
  readonly everyMs: number;
}

/** Payload bytes: a ramp that begins elsewhere in each message, so that a shifted or mixed-up one does not look right. */
const ramp = Buffer.from(Array.from({ length: longestFrame + 256 }, (_, index) => index & 0xff));

/** At least a header long. */
export function encodeFrame(frame: Frame, bytes: number): Buffer {
  const length = Math.max(headerBytes, bytes);
  const buffer = Buffer.allocUnsafe(length);
  buffer.writeUInt32BE(magic, 0);
  buffer.writeUInt16BE(length, 4);
  buffer.writeUInt8(frameKinds.indexOf(frame.kind), 6);
  buffer.writeUInt8(frame.window, 7);
  buffer.writeUInt32BE(frame.flow, 8);
  buffer.writeUInt32BE(frame.sequence, 12);
  buffer.writeUInt16BE(frame.answerBytes, 16);
  buffer.writeUInt16BE(frame.everyMs, 18);
  buffer.writeUInt32BE(0, crcAt);
  ramp.copy(buffer, headerBytes, (frame.flow + frame.sequence) & 0xff, rampEnd(frame, length));
  buffer.writeUInt32BE(crc32(buffer), crcAt);
  return buffer;
}

function rampEnd({ flow, sequence }: Frame, length: number): number {
  return ((flow + sequence) & 0xff) + length - headerBytes;
}

/** Undefined when any byte of it is wrong. Clears the checksum in the buffer. */
export function decodeFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < headerBytes || buffer.readUInt32BE(0) !== magic) return undefined;
  if (buffer.readUInt16BE(4) !== buffer.length) return undefined;
  const crc = buffer.readUInt32BE(crcAt);
  buffer.writeUInt32BE(0, crcAt);
  const kind = frameKinds[buffer.readUInt8(6)];
  if (kind === undefined || crc32(buffer) !== crc) return undefined;
  return {
    kind,
    window: buffer.readUInt8(7),
    flow: buffer.readUInt32BE(8),
    sequence: buffer.readUInt32BE(12),
    answerBytes: buffer.readUInt16BE(16),
    everyMs: buffer.readUInt16BE(18),
  };
}

/** Cuts a stream into frames. After one that is wrong there is no telling where the next begins: it says `wrong` once and is done. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #lost = false;

  take(chunk: Buffer): (Frame | "wrong")[] {
    if (this.#lost) return [];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: (Frame | "wrong")[] = [];
    while (!this.#lost && this.#rest.length >= headerBytes) {
      const length = this.#rest.readUInt32BE(0) === magic ? this.#rest.readUInt16BE(4) : 0;
      if (length >= headerBytes && this.#rest.length < length) break;
      const frame = decodeFrame(this.#rest.subarray(0, length));
      this.#lost = frame === undefined;
      frames.push(frame ?? "wrong");
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }
}
