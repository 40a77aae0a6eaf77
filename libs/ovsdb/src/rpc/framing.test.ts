import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonFramer } from "./framing.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = fc.oneof(
  fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ stringUnit: "grapheme" })),
  fc.array(fc.jsonValue({ stringUnit: "grapheme" })),
);
const blank = fc.constantFrom("", " ", "\n", "\r\n\t ");

const framerOf = (maxMessageBytes: number): JsonFramer => new JsonFramer({ maxMessageBytes, maxDepth: 20 });

describe("messages in a stream", () => {
  it("come out whole and in order, wherever the stream was cut", () => {
    const stream = fc.tuple(
      fc.array(fc.tuple(message, blank), { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(stream, ([messages, cuts]) => {
        const bytes = bytesOf(messages.map(([json, gap]) => JSON.stringify(json) + gap).join(""));
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const framer = framerOf(1_000_000);
        const out = places.slice(1).flatMap((end, at) => framer.push(bytes.slice(places[at], end)));
        expect(out).toEqual(messages.map(([json]) => JSON.parse(JSON.stringify(json)) as unknown));
      }),
      { numRuns: 300 },
    );
  });

  it("come out when each byte comes alone, also inside a sign of four bytes", () => {
    const framer = framerOf(1_000);
    const out = [...bytesOf('{"a":"😀\\"}]"}[]')].flatMap((byte) => framer.push(Uint8Array.of(byte)));
    expect(out).toEqual([{ a: '😀"}]' }, []]);
  });

  it("may reuse their buffer", () => {
    const framer = framerOf(1_000);
    const buffer = bytesOf('{"a":');
    expect(framer.push(buffer)).toEqual([]);
    buffer.fill(0);
    expect(framer.push(bytesOf("1}"))).toEqual([{ a: 1 }]);
  });

  it.each([
    ["too long", '{"a":"0123456789"}', "more than 16 bytes"],
    ["too long and never ending", '{"a":"0123456789ab', "more than 16 bytes"],
    ["no bracket first", "null", "begins with byte 0x6e"],
    ["brackets that do not match", '{"a":]', "no JSON"],
  ])("are refused: %s", (_, text, complaint) => {
    expect(() => framerOf(16).push(bytesOf(text))).toThrow(complaint);
  });

  it("are refused by their depth before they are parsed, in one piece or never ending", () => {
    expect(framerOf(1_000).push(bytesOf("[".repeat(20) + "]".repeat(20)))).toHaveLength(1);
    expect(() => framerOf(1_000).push(bytesOf("[".repeat(21)))).toThrow("nested more than 20 deep");
    expect(framerOf(1_000).push(bytesOf(`["${"[".repeat(50)}"]`))).toHaveLength(1);
  });

  it("are refused where they are no UTF-8", () => {
    expect(() => framerOf(16).push(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d))).toThrow("no JSON");
  });
});
