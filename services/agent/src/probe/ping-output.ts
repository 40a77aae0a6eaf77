/**
 * What a ping writes, in a file without a name: read when somebody asks for it, so that no reply wakes the agent. A pipe would, five
 * times a second for each probe. Each line has its time of day, so little is lost by reading late: that clock may have been set meanwhile, but
 * what was not there at one read came after it. Reads and writes that file alone.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { randomUUID } from "node:crypto";
import type { Clock } from "@weft/runtime";
import { replyAtMs } from "./ping-line.ts";

/** What was read is thrown away from this size on. */
const emptiedFrom = 65_536;

export class PingOutput implements Disposable {
  /** To be appended to. */
  readonly file: number;
  readonly #clock: Clock;
  readonly #watcher: FSWatcher;
  readonly #buffer = Buffer.allocUnsafe(4_096);
  #at = 0;
  #cut = "";
  /** By the monotonic clock. */
  #readAtMs: number;

  /** `written` is called after each write until it answers true. */
  constructor(clock: Clock, written: () => boolean) {
    this.#clock = clock;
    this.#readAtMs = clock.monotonicMs();
    const name = path.join(tmpdir(), `weft-ping-${randomUUID()}`);
    this.file = openSync(name, "ax+", 0o600);
    this.#watcher = watch(name, { persistent: false }, () => {
      if (written()) this.#watcher.close();
    });
    unlinkSync(name);
  }

  /** When the last of the replies came that were not read yet, by the monotonic clock; undefined: there were none. */
  lastReplyAtMs(): number | undefined {
    let found: number | undefined;
    for (let bytes = this.#buffer.length; bytes === this.#buffer.length;) {
      bytes = readSync(this.file, this.#buffer, 0, this.#buffer.length, this.#at);
      this.#at += bytes;
      const lines = (this.#cut + this.#buffer.toString("latin1", 0, bytes)).split("\n");
      this.#cut = lines.pop() ?? "";
      for (const line of lines) found = replyAtMs(line) ?? found;
    }
    if (this.#at >= emptiedFrom) this.#empty();
    const nowMs = this.#clock.monotonicMs();
    const mostMs = nowMs - this.#readAtMs;
    this.#readAtMs = nowMs;
    if (found === undefined) return undefined;
    return nowMs - Math.min(Math.max(0, this.#clock.now() - found), mostMs);
  }

  #empty(): void {
    if (fstatSync(this.file).size > this.#at) return;
    ftruncateSync(this.file, 0);
    this.#at = 0;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    closeSync(this.file);
  }
}
