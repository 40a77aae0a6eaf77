/**
 * Bounds a log file that another process appends to (O_APPEND): past the limit only its end is kept, in the same file.
 * What is written in the very moment of the cut may be lost; a disk that is full of logs costs more.
 */
import { closeSync, openSync, readSync, statSync, truncateSync, writeSync } from "node:fs";

const logLimitBytes = 10 * 1024 * 1024;
const keptBytes = 1024 * 1024;

/**
 * Cuts it when it is larger than `limitBytes`. Whole lines are kept. No file: nothing to do. Never throws: it is called by timers,
 * and what cannot be cut now (a disk that is full to the last byte) is cut at a later look.
 */
export function boundLog(file: string, limitBytes = logLimitBytes): void {
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > limitBytes) cut(file, { size, limitBytes });
  } catch {
    // At a later look.
  }
}

function cut(
  file: string,
  { size, limitBytes }: { readonly size: number; readonly limitBytes: number },
): void {
  const end = Buffer.alloc(Math.min(keptBytes, Math.floor(limitBytes / 2)));
  const handle = openSync(file, "r+");
  try {
    readSync(handle, end, 0, end.length, size - end.length);
    truncateSync(file);
    writeSync(handle, end.subarray(end.indexOf(0x0a) + 1), 0, undefined, 0);
  } finally {
    closeSync(handle);
  }
}
