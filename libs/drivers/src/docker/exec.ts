/**
 * Commands run inside a container, as sessions with streams.
 * Docker's API cannot end a command that it runs for us: its process group is ended through its process id.
 */
import type Docker from "dockerode";
import type { Duplex } from "node:stream";
import type { ExecRequest, ExecSession, WriteOutput } from "../port.ts";
import { withDeadline } from "./deadline.ts";
import { demux } from "./demux.ts";
import { dockerError } from "./errors.ts";

export async function openExec(container: Docker.Container, request: ExecRequest): Promise<ExecSession> {
  const doing = `running ${request.argv[0] ?? ""}`;
  const wanted = {
    Cmd: [...request.argv],
    Tty: request.tty,
    AttachStdin: request.stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(request.tty ? { Env: ["TERM=xterm-256color"] } : {}),
  };
  try {
    const exec = await withDeadline(doing, (abortSignal) => container.exec({ ...wanted, abortSignal }));
    const stream = await exec.start({ hijack: true, stdin: request.stdin, Tty: request.tty });
    return sessionOf(exec, stream, request);
  } catch (cause) {
    throw dockerError(doing, cause);
  }
}

function sessionOf(exec: Docker.Exec, stream: Duplex, { tty, stdin }: ExecRequest): ExecSession {
  stream.on("error", () => undefined); // seen by whoever reads it
  const inspect = () => withDeadline("looking at a command", (abortSignal) => exec.inspect({ abortSignal }));
  return {
    stdin: stdin ? stream : undefined,
    async output(write) {
      await (tty ? passOn(stream, write) : demux(stream, write));
      const { ExitCode } = await inspect();
      return ExitCode ?? 137;
    },
    async resize(columns, rows) {
      await withDeadline("sizing a terminal", (abortSignal) =>
        exec.resize({ w: columns, h: rows, abortSignal }),
      );
    },
    async kill() {
      try {
        const { Running, Pid } = await inspect();
        if (Running && Pid > 0) endGroup(Pid);
      } finally {
        stream.destroy();
      }
    },
  };
}

async function passOn(stream: Duplex, write: WriteOutput): Promise<void> {
  for await (const data of stream) await write("stdout", Buffer.from(data));
}

/** The runtime makes every command the leader of a session of its own, so its id is its group's. */
function endGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // Gone, or not a leader: the other target holds.
    }
  }
}
