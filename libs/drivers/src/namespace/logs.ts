/** Logs of the namespace runtime: the file that a process writes its output to, from its last lines on. */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { LogsRequest, WriteOutput } from "../port.ts";

const pieceBytes = 64 * 1024;
const followEveryMs = 200;

/** Resolves at the end of the file, or when the signal aborts a reader that follows. No file: nothing was written. */
export async function readLogs(file: string, request: LogsRequest, write: WriteOutput): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch {
    return;
  }
  try {
    let position = request.tail === undefined ? 0 : await startOfTail(handle, request.tail);
    while (!request.signal.aborted) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, position);
      position += bytesRead;
      if (bytesRead > 0) await write("stdout", buffer.subarray(0, bytesRead));
      else if (!request.follow) return;
      else {
        await pause(request.signal);
        // It was cut meanwhile: what is left begins with lines that were told already, or were missed.
        if ((await handle.stat()).size < position) position = 0;
      }
    }
  } finally {
    await handle.close();
  }
}

/** Where the last `lines` lines begin, found by reading backwards. */
async function startOfTail(handle: FileHandle, lines: number): Promise<number> {
  let { size: position } = await handle.stat();
  if (lines === 0) return position;
  let breaks = 0;
  let atEnd = true;
  while (position > 0) {
    const length = Math.min(pieceBytes, position);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position - length);
    for (let index = length - 1; index >= 0; index -= 1) {
      if (buffer[index] === 0x0a && !atEnd) breaks += 1;
      atEnd = false;
      if (breaks === lines) return position - length + index + 1;
    }
    position -= length;
  }
  return 0;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, followEveryMs);
    signal.addEventListener("abort", finish);
  });
}
