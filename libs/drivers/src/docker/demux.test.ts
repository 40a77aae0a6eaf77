import { Readable } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demux } from "./demux.ts";

const frame = (stream: number, text: Uint8Array) => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, text]);
};

describe("two streams in one", () => {
  it("are taken apart alike wherever the pieces are cut", async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 20 }), async (sent, size) => {
        const whole = Buffer.concat(sent.map(([stream, text]) => frame(stream, text)));
        const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
          whole.subarray(at * size, (at + 1) * size),
        );
        const got: Record<string, Buffer[]> = { stdout: [], stderr: [] };
        await demux(Readable.from(pieces), async (stream, data) => void got[stream]?.push(Buffer.from(data)));
        const wanted = (which: number) =>
          Buffer.concat(sent.filter(([s]) => s === which).map(([, text]) => text));
        expect(Buffer.concat(got["stdout"] ?? [])).toEqual(wanted(1));
        expect(Buffer.concat(got["stderr"] ?? [])).toEqual(wanted(2));
      }),
    );
  });
});
