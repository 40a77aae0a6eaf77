/**
 * What a ping writes, in a file without a name: read when somebody asks for it, so that no reply wakes the agent. A pipe would, five
 * times a second for each probe. Each line has its time, so nothing is lost by reading late. Reads and writes that file alone.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { randomUUID } from "node:crypto";
import { replyAtMs } from "./ping-line.ts";

/** What was read is thrown away from this size on. */
const emptiedFrom = 65_536;

export class PingOutput implements Disposable {
  /** To be appended to. */
  readonly file: number;
  readonly #watcher: FSWatcher;
  readonly #buffer = Buffer.allocUnsafe(4_096);
  #at = 0;
  #cut = "";

  /** `written` is called after each write until it answers true. */
  constructor(written: () => boolean) {
    const name = path.join(tmpdir(), `weft-ping-${randomUUID()}`);
    this.file = openSync(name, "ax+", 0o600);
    this.#watcher = watch(name, { persistent: false }, () => {
      if (written()) this.#watcher.close();
    });
    unlinkSync(name);
  }

  /** When the last of the replies came that were not read yet; undefined: there were none. */
  lastReplyAtMs(): number | undefined {
    let found: number | undefined;
    for (let text = this.#read(); text !== ""; text = this.#read()) {
      const lines = (this.#cut + text).split("\n");
      this.#cut = lines.pop() ?? "";
      for (const line of lines) found = replyAtMs(line) ?? found;
    }
    return found;
  }

  #read(): string {
    const bytes = readSync(this.file, this.#buffer, 0, this.#buffer.length, this.#at);
    this.#at += bytes;
    if (bytes > 0 || this.#at < emptiedFrom || fstatSync(this.file).size > this.#at)
      return this.#buffer.toString("latin1", 0, bytes);
    ftruncateSync(this.file, 0);
    this.#at = 0;
    return "";
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    closeSync(this.file);
  }
}
