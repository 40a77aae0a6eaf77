/**
 * Sessions: exec and logs, streamed between the gateway and the agent that owns the thing. No record changes by one.
 * The request goes to sessionSubject(node). Frames then travel on sessionStream(id, "up" | "down"): the payload is raw
 * bytes (or JSON for `exit`, `error`, `resize`), the header names the stream. The receiver of data acknowledges it by
 * count of frames, and a sender keeps at most `sessionWindow` frames unacknowledged, so a slow reader slows the writer.
 */
import { z } from "zod";
import { Label } from "../names.ts";

export const sessionStreamHeader = "Weft-Stream";
export const sessionWindow = 64;
export const sessionFrameBytes = 32 * 1024;

export const SessionRequest = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  op: z.enum(["exec", "logs"]),
  kind: z.enum(["shard", "workload"]),
  tenant: Label,
  name: Label,
  command: z.array(z.string()).optional().describe("exec: what to run"),
  tty: z.boolean().default(false),
  stdin: z.boolean().default(false),
  follow: z.boolean().default(false).describe("logs: go on as lines come"),
  tail: z.number().int().min(0).optional().describe("logs: only the last so many lines"),
});
export type SessionRequest = z.infer<typeof SessionRequest>;

/** Streams a frame can belong to. `eof` ends stdin; `ack` counts frames received; `exit` is last from the agent. */
export const SessionStreamName = z.enum([
  "stdin",
  "eof",
  "resize",
  "stdout",
  "stderr",
  "exit",
  "error",
  "ack",
  "close",
]);
export type SessionStreamName = z.infer<typeof SessionStreamName>;

export const SessionExit = z.strictObject({ code: z.number().int() });
export const SessionResize = z.strictObject({
  columns: z.number().int().min(1),
  rows: z.number().int().min(1),
});

/**
 * The same session over the gateway's WebSocket: the first message from the client is SessionOpen as JSON text;
 * binary messages are one byte that names the stream (0 stdin, 1 stdout, 2 stderr), then data; text messages are
 * SessionControl as JSON.
 */
export const SessionOpen = SessionRequest.pick({ command: true, tty: true, stdin: true });
export type SessionOpen = z.input<typeof SessionOpen>;
export const SessionControl = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("eof") }),
  z.strictObject({
    type: z.literal("resize"),
    columns: z.number().int().min(1),
    rows: z.number().int().min(1),
  }),
  z.strictObject({ type: z.literal("exit"), code: z.number().int() }),
  z.strictObject({ type: z.literal("error"), message: z.string() }),
]);
export type SessionControl = z.infer<typeof SessionControl>;
export const socketStreams = { stdin: 0, stdout: 1, stderr: 2 } as const;
