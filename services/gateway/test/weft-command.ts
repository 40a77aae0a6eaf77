/** The `weft` command as a user runs it, against a test's gateway: a process of its own, with files in a folder that goes with the test. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { token } from "./edge.ts";

const bin = path.join(import.meta.dirname, "../../../libs/cli/bin/weft.mjs");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class WeftCommand implements Disposable {
  /** Where a lab would keep its token. */
  readonly folder = mkdtempSync(path.join(tmpdir(), "weft-cli-"));
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** With stdin from /dev/null unless a text is given; `environment` stands over the usual one. */
  run(
    args: readonly string[],
    { stdin, environment = {} }: { stdin?: string; environment?: object } = {},
  ): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], {
        stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          WEFT_SERVER: this.#url,
          WEFT_TOKEN: token,
          WEFT_LAB_DIR: this.folder,
          ...environment,
        },
      });
      let [stdout, stderr] = ["", ""];
      child.stdout?.on("data", (data) => (stdout += String(data)));
      child.stderr?.on("data", (data) => (stderr += String(data)));
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, stdout, stderr }));
      child.stdin?.end(stdin);
    });
  }

  /** Returns its path. */
  file(name: string, text: string): string {
    const full = path.join(this.folder, name);
    writeFileSync(full, text);
    return full;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
