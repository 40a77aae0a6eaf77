/** Logs of a container, as Docker keeps them. */
import type Docker from "dockerode";
import { Readable } from "node:stream";
import type { LogsRequest, WriteOutput } from "../port.ts";
import { demux } from "./demux.ts";
import { dockerError } from "./errors.ts";

export async function readLogs(
  container: Docker.Container,
  { follow, tail, signal }: LogsRequest,
  write: WriteOutput,
): Promise<void> {
  const which = { stdout: true, stderr: true, ...(tail === undefined ? {} : { tail }) };
  if (!follow) {
    const all = await asked(() => container.logs({ ...which, follow: false }));
    return await demux(Readable.from([all]), write);
  }
  const stream = Readable.from(await asked(() => container.logs({ ...which, follow: true })));
  const stop = () => stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await demux(stream, write);
  } catch (cause) {
    if (!signal.aborted) throw dockerError("reading logs", cause);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw dockerError("reading logs", cause);
  }
}
