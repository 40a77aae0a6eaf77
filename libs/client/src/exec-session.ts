/**
 * A command in a workload or shard, over a WebSocket: stdin up, stdout and stderr down, the exit code at the end.
 * Output is read no faster than it is consumed, input written no faster than it is sent.
 */
import type { IncomingMessage } from "node:http";
import { PassThrough, Writable } from "node:stream";
import type { Readable } from "node:stream";
import { SessionControl, WeftError, sessionFrameBytes, socketStreams } from "@weft/schemas";
import type { SessionOpen } from "@weft/schemas";
import type { RawData } from "ws";
import { WebSocket } from "ws";
import { gatewayUrl } from "./choose-gateway.ts";
import type { Server } from "./transport.ts";
import { authorization, errorOf, unreachable } from "./transport.ts";

export interface ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code, once all output has been read; rejects when the session broke. */
  readonly exit: Promise<number>;
  resize(columns: number, rows: number): void;
  close(): void;
}

/** Resolves once the gateway has taken the session; what the agent says comes by `exit`. */
export async function openExec(server: Server, path: string, open: SessionOpen): Promise<ExecSession> {
  const url = new URL(path, (await gatewayUrl(server)).replace(/^http/, "ws"));
  const socket = new WebSocket(url, { headers: authorization(server) });
  return new Promise((resolve, reject) => {
    socket.once("error", (cause) => reject(unreachable(server, cause)));
    socket.once("unexpected-response", (_request, response) => {
      socket.removeAllListeners("error").on("error", () => {});
      // Not before the answer is read: ending the socket would cut the reason off.
      errorOf({ status: response.statusCode ?? 500, text: () => textOf(response) })
        .then(reject, reject)
        .finally(() => socket.terminate());
    });
    socket.once("open", () => {
      socket.send(JSON.stringify(open));
      resolve(sessionOn(socket));
    });
  });
}

function sessionOn(socket: WebSocket): ExecSession {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const ended = Promise.withResolvers<number>();
  // A session that nobody asks for its end may break in silence.
  ended.promise.catch(() => {});
  let over = false;
  const end = (outcome: () => void) => {
    if (over) return;
    over = true;
    stdout.end();
    stderr.end();
    outcome();
  };
  const pass = (stream: PassThrough, bytes: Buffer) => {
    if (stream.write(bytes)) return;
    socket.pause();
    stream.once("drain", () => socket.resume());
  };
  socket.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    if (isBinary) return pass(bytes[0] === socketStreams.stderr ? stderr : stdout, bytes.subarray(1));
    const control = SessionControl.safeParse(jsonOf(bytes)).data;
    if (control?.type === "exit") end(() => ended.resolve(control.code));
    if (control?.type === "error")
      end(() => ended.reject(new WeftError("unavailable", `${control.message}.`)));
  });
  const broke = () => end(() => ended.reject(new WeftError("unavailable", "The session broke off.")));
  socket.on("close", broke);
  socket.on("error", broke);
  return {
    stdin: stdinOf(socket),
    stdout,
    stderr,
    exit: ended.promise,
    resize: (columns, rows) => {
      // Some terminals (serial lines, scripts) have no size; then the program's own default holds.
      if (columns > 0 && rows > 0) tell(socket, { type: "resize", columns, rows });
    },
    // A socket that is paused would never see the other side's farewell.
    close: () => (over ? socket.close() : socket.terminate()),
  };
}

function stdinOf(socket: WebSocket): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = Math.max(1, Math.ceil(chunk.length / sessionFrameBytes));
      for (let part = 0; part < parts; part += 1) {
        const bytes = chunk.subarray(part * sessionFrameBytes, (part + 1) * sessionFrameBytes);
        const last = part === parts - 1;
        // What comes after the end of the session is nobody's.
        socket.send(Buffer.concat([Buffer.of(socketStreams.stdin), bytes]), () => last && done());
      }
    },
    final(done) {
      tell(socket, { type: "eof" });
      done();
    },
  });
}

function tell(socket: WebSocket, control: SessionControl): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(control));
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return text;
}
