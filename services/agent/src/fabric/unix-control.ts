/**
 * Commands for a daemon of Open vSwitch, over its control socket as ovs-appctl(8) gives them: JSON-RPC, one command after the other.
 * An ovs-appctl for each costs some 10 ms of a core, just while slots change hands. What a command says goes to the caller.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { z } from "zod";

/** Where daemons put their process ids and sockets. */
const runFolder = "/var/run/openvswitch";

/** One of them is null, or left out. */
const Reply = z.object({ result: z.string().nullish(), error: z.string().nullish() });

export interface Control {
  /** The daemon's name, or the path of its control socket. */
  readonly target: string;
  readonly withinMs: number;
}

/** Each begins when the one before has been answered. Throws WeftError("unavailable"), also with what the daemon refuses. */
export function tellDaemon(commands: readonly string[], { target, withinMs }: Control): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new WeftError("unavailable", `${target} does not do ${commands.join(", ")}: ${why}.`, { cause });
  return new Promise((resolve, reject) => {
    const socket = connect(socketOf(target));
    let text = "";
    let answered = 0;
    const end = (err?: WeftError) => {
      clearTimeout(late);
      socket.destroy();
      if (err === undefined) resolve();
      else reject(err);
    };
    const ask = () => socket.write(JSON.stringify({ id: answered, method: commands[answered], params: [] }));
    const late = setTimeout(() => end(failed(`no answer within ${withinMs} ms`)), withinMs);
    socket.once("connect", ask);
    socket.once("error", (cause) => end(failed(cause.message, cause)));
    socket.once("close", () => end(failed("it hung up")));
    socket.setEncoding("utf8").on("data", (data: string) => {
      text += data;
      const reply = replyIn(text);
      if (reply === undefined) return;
      text = "";
      answered += 1;
      if (typeof reply.error === "string") end(failed(reply.error.trim()));
      else if (answered < commands.length) ask();
      else end();
    });
  });
}

function socketOf(target: string): string {
  if (target.startsWith("/")) return target;
  return path.join(runFolder, `${target}.${processId(target)}.ctl`);
}

function processId(daemon: string): string {
  try {
    return readFileSync(path.join(runFolder, `${daemon}.pid`), "utf8").trim();
  } catch (cause) {
    throw new WeftError("unavailable", `${daemon} does not run: it has no pid file.`, { cause });
  }
}

/** undefined while a part of it is still to come: nothing separates messages, and only one is waited for. */
function replyIn(text: string): z.infer<typeof Reply> | undefined {
  const value = parsed(text);
  if (value === undefined) return undefined;
  const { success, data } = Reply.safeParse(value);
  return success ? data : { error: "its answer is none" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
