/**
 * Docker's stream of two in one, taken apart: frames of 8 bytes of header (stream, three zeros, length) and data.
 * One piece is passed on at a time, so a slow reader slows the container and nothing piles up here.
 */
import type { Readable } from "node:stream";
import type { WriteOutput } from "../port.ts";

const headerBytes = 8;

export async function demux(from: Readable, write: WriteOutput): Promise<void> {
  let rest = Buffer.alloc(0);
  for await (const piece of from) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, Buffer.from(piece)]);
    let at = 0;
    while (rest.length - at >= headerBytes) {
      const end = at + headerBytes + rest.readUInt32BE(at + 4);
      if (rest.length < end) break;
      await write(rest[at] === 2 ? "stderr" : "stdout", rest.subarray(at + headerBytes, end));
      at = end;
    }
    rest = rest.subarray(at);
  }
}
