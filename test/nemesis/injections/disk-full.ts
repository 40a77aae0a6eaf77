/**
 * The bus's disk is full, and has room again later. The lab must be up with WEFT_LAB_STORE_BYTES: the file system is one of its own.
 * nats-server 2.15 gives a stream up whose write failed: it takes no more of them, and answers nothing, until it is started again,
 * as its operator does who reads its log.
 */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { processesOf } from "../../lab/processes.ts";
import type { Field, Injection } from "./injection.ts";

const pieceBytes = 1024 * 1024;

export function diskFullOf({ chance, folder }: Field): Injection {
  const filler = path.join(folder, "nats", "filler");
  const log = path.join(folder, "logs", "nats.log");
  let from = 0;
  return {
    kind: "disk full",
    target: "the bus's store",
    forMs: chance.between(1_000, 6_000),
    begin() {
      from = statSync(log).size;
      fill(filler);
      return Promise.resolve();
    },
    heal() {
      rmSync(filler, { force: true });
      // Whatever came of it is in what was logged since; a log that was cut meanwhile is read whole.
      const since = statSync(log).size < from ? 0 : from;
      if (!/critical write error/i.test(readFileSync(log).subarray(since).toString("latin1")))
        return Promise.resolve(undefined);
      for (const pid of processesOf("nats-server --config")) process.kill(pid, "SIGTERM");
      return Promise.resolve("nats-server had given up a stream and was started again");
    },
  };
}

function fill(file: string): void {
  const open = openSync(file, "w");
  try {
    // Whole pieces first, then what is left of the last one.
    for (const size of [pieceBytes, 4096]) while (wrote(open, size));
  } finally {
    closeSync(open);
  }
}

function wrote(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) > 0;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") return false;
    throw cause;
  }
}
