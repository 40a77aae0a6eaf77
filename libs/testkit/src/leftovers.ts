/**
 * What a test process leaves when it is killed: no server, and no folder for longer than until the next test.
 * Reads and removes `weft-test-*` folders whose process is gone; has the kernel end a server with its parent.
 * An orderly end is left to server-process.ts.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram } from "../../../setup/programs.mjs";

const prefix = "weft-test-";
const ownerOf = /^weft-test-.*-(\d+)-[^-]+$/;
let swept = false;

/** A new folder that names the process which made it. */
export function testFolder(name: string): string {
  if (!swept) sweep();
  swept = true;
  return mkdtempSync(path.join(tmpdir(), `${prefix}${name}-${process.pid}-`));
}

function sweep(): void {
  for (const entry of readdirSync(tmpdir())) {
    const [, owner] = ownerOf.exec(entry) ?? [];
    if (owner !== undefined && !existsSync(`/proc/${owner}`))
      rmSync(path.join(tmpdir(), entry), { recursive: true, force: true });
  }
}

/** The command under setpriv (util-linux), which has it killed when this process dies, however that is. */
export function endingWithParent(command: readonly string[]): readonly string[] {
  const setpriv = findProgram("setpriv");
  return setpriv === undefined ? command : [setpriv, "--pdeathsig", "KILL", "--", ...command];
}
