/**
 * One session: a command or a log, its streams joined to a channel. Output is complete before the exit code is told;
 * a client that closes, or is gone, ends the command. Finding the thing that it concerns is session-server.ts's.
 */
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Driver, ExecSession } from "@weft/drivers";
import type { Log } from "@weft/runtime";
import { SessionResize, WeftError } from "@weft/schemas";
import type { SessionRequest } from "@weft/schemas";
import type { NatsConnection } from "@nats-io/transport-node";
import { Channel } from "./channel.ts";
import type { Frame } from "./channel.ts";

export interface SessionContext {
  readonly connection: NatsConnection;
  readonly driver: Driver;
  readonly placement: string;
  readonly log: Log;
}

/** Ends a session early; the client, who waits for its end, is told why. */
export type EndSession = (why: string) => void;

/** Starts it; resolves once it is open. `ended` is called when nothing of it is left. Returns how to end it early. */
export async function openSession(
  request: SessionRequest,
  context: SessionContext,
  ended: () => void,
): Promise<EndSession> {
  return request.op === "exec" ? openCommand(request, context, ended) : openLogs(request, context, ended);
}

async function openCommand(
  request: SessionRequest,
  { connection, driver, placement, log }: SessionContext,
  ended: () => void,
): Promise<EndSession> {
  if (request.command === undefined || request.command.length === 0)
    throw new WeftError("invalid-request", "There is no command to run.");
  const { tty, stdin } = request;
  const command = await driver.exec(placement, { argv: request.command, tty, stdin });
  const kill = () =>
    void command.kill().catch((cause: unknown) => log.warn({ cause }, "a command could not be ended"));
  const input = inOrder((frame: Frame) => feed(frame, command, stop));
  const channel = new Channel(connection, request.id, { frame: input, gone: kill });
  function stop(): void {
    channel.close();
    kill();
  }
  void finish(channel, ended, async () => ({
    code: await command.output((stream, data) => channel.send(stream, data)),
  }));
  return (why) => {
    channel.end("error", { message: why });
    kill();
  };
}

async function openLogs(
  request: SessionRequest,
  { connection, driver, placement }: SessionContext,
  ended: () => void,
): Promise<EndSession> {
  const abort = new AbortController();
  const stop = () => {
    abort.abort();
    channel.close();
  };
  const frame = ({ stream }: Frame) => {
    if (stream === "close") stop();
    return Promise.resolve();
  };
  const channel = new Channel(connection, request.id, { frame, gone: () => abort.abort() });
  const wanted = {
    follow: request.follow,
    signal: abort.signal,
    ...(request.tail === undefined ? {} : { tail: request.tail }),
  };
  void finish(channel, ended, async () => {
    await driver.logs(placement, wanted, (stream, data) => channel.send(stream, data));
    return { code: 0 };
  });
  return (why) => {
    channel.end("error", { message: why });
    abort.abort();
  };
}

async function finish(
  channel: Channel,
  ended: () => void,
  work: () => Promise<{ code: number }>,
): Promise<void> {
  try {
    channel.end("exit", await work());
  } catch (cause) {
    channel.end("error", { message: cause instanceof Error ? cause.message : String(cause) });
  } finally {
    ended();
  }
}

/** What comes in is worked off one by one: `eof` must not overtake the last of the input. */
function inOrder(work: (frame: Frame) => Promise<void>): (frame: Frame) => Promise<void> {
  let last = Promise.resolve();
  return (frame) => {
    if (frame.stream === "close") return work(frame);
    last = last.then(() => work(frame)).catch(() => undefined);
    return last;
  };
}

async function feed(frame: Frame, command: ExecSession, stop: () => void): Promise<void> {
  const { stdin } = command;
  switch (frame.stream) {
    case "stdin":
      if (stdin !== undefined && stdin.writable && !stdin.write(frame.data)) await roomIn(stdin);
      return;
    case "eof":
      stdin?.end();
      return;
    case "resize": {
      const size = SessionResize.safeParse(frame.json);
      if (size.success) await command.resize(size.data.columns, size.data.rows);
      return;
    }
    case "close":
      stop();
  }
}

/** Resolves when it takes more, or never will: a command may end without having read its input. */
async function roomIn(stdin: Writable): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(stdin, "drain", { signal }), once(stdin, "close", { signal })]);
  } finally {
    settled.abort();
  }
}
