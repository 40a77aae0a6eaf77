import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "./nats-frames.ts";
import { readFrames } from "./nats-frames.ts";

const message = (text: string, reply = "") =>
  `MSG weft.heartbeat.node-1 1${reply} ${Buffer.byteLength(text)}\r\n${text}\r\n`;
const heard = (text: string): Frame => ({ kind: "message", subject: "weft.heartbeat.node-1", text });

describe("what a server sends", () => {
  it("is cut into the same frames however it comes", () => {
    const frame = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => [message(text), heard(text)] as const),
      fc.constantFrom(
        ["PING\r\n", { kind: "ping" }] as const,
        ["+OK\r\n", { kind: "other" }] as const,
        ["-ERR 'Stale Connection'\r\n", { kind: "error", text: "'Stale Connection'" }] as const,
        ['INFO {"max_payload":8}\r\n', { kind: "info" }] as const,
      ),
    );
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat({ max: 40 })), (sent, cuts) => {
        const whole = Buffer.from(sent.map(([text]) => text).join(""));
        const read: Frame[] = [];
        let rest = Buffer.alloc(0);
        let at = 0;
        for (const size of [...cuts, whole.length]) {
          const found = readFrames(Buffer.concat([rest, whole.subarray(at, at + size)]));
          at = Math.min(whole.length, at + size);
          read.push(...found.frames);
          rest = Buffer.from(found.rest);
        }
        expect(read).toEqual(sent.map(([, as]) => as));
        expect(rest).toHaveLength(0);
      }),
    );
  });

  it("may ask for an answer, which changes nothing", () => {
    expect(readFrames(Buffer.from(message("x", " _INBOX.1"))).frames).toEqual([heard("x")]);
  });

  it("that is no NATS gives no frame beyond the first that cannot be", () => {
    const { frames, rest } = readFrames(Buffer.from("MSG a 1 many\r\nx\r\nPING\r\n"));
    expect([frames, rest.toString()]).toEqual([[], "MSG a 1 many\r\nx\r\nPING\r\n"]);
  });
});
