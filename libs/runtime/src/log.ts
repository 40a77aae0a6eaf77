/**
 * The log: JSON lines on stdout, one for each event that matters, and the last 1,000 of them in memory.
 * Writes stdout.
 * Handing the lines to `weft logs` is left to the bus (serveLogs).
 */
import type { Logger } from "pino";
import { pino } from "pino";

export type Log = Logger;

const keptLines = 1_000;
const secrets = ["token", "credential", "password", "secret", "authorization", "cookie"];
const rings = new WeakMap<object, string[]>();

/** `level` is one of pino's: trace, debug, info, warn, error, fatal, silent. */
export function createLog(service: string, level = "info"): Log {
  const stdout = pino.destination({ fd: 1, sync: true });
  return createLogTo(service, level, (line) => stdout.write(line));
}

/** A log whose lines go to `write`, for tests and for processes whose stdout is taken. */
export function createLogTo(service: string, level: string, write: (line: string) => void): Log {
  const ring: string[] = [];
  const stream = {
    write: (line: string) => {
      ring.push(line.trimEnd());
      // Cut rarely: moving a thousand entries for each line would cost more than the line.
      if (ring.length > 2 * keptLines) ring.splice(0, ring.length - keptLines);
      write(line);
    },
  };
  rings.set(stream, ring);
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]), censor: "[secret]" },
    },
    stream,
  );
}

/** The latest lines of a log and its children, oldest first. */
export function recentLines(log: Log, count = keptLines): string[] {
  const stream: unknown = Reflect.get(log, pino.symbols.streamSym);
  const ring = typeof stream === "object" && stream !== null ? rings.get(stream) : undefined;
  return count <= 0 ? [] : (ring ?? []).slice(-Math.min(count, keptLines));
}
