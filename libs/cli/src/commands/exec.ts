/** `weft exec`: a command in a workload or a shard, with this terminal's stdin, stdout and stderr, and its exit code. */
import { fstatSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ExecSession } from "@weft/client";
import type { Command } from "commander";
import { z } from "zod";
import { addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import type { Leave } from "../program.ts";
import { readThing } from "../target.ts";

export function addExec(program: Command, leave: Leave): void {
  addCommon(program.command("exec"))
    .description("run a command in a workload or a shard")
    .argument("<target>", "workload/NAME or shard/NAME")
    .argument("<command...>", "after --")
    .option("-i, --stdin", "pass stdin (a pipe or a file is passed anyway)")
    .option("-t, --tty", "with a terminal")
    .action(async (target: string, words: string[], _options: unknown, command: Command) => {
      const options = readOptions(command, {
        stdin: z.boolean().default(false),
        tty: z.boolean().default(false),
      });
      const thing = { ...readThing(target), tenant: tenantOf(options) };
      const stdin = options.stdin || isPiped();
      const session = await clientOf(options).exec(thing, { command: words, tty: options.tty, stdin });
      leave(await attach(session, { stdin, tty: options.tty }));
    });
}

/** A terminal or /dev/null is no pipe: reading them unasked would hang, or take a script's own input. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

async function attach(
  session: ExecSession,
  { stdin, tty }: { stdin: boolean; tty: boolean },
): Promise<number> {
  const raw = tty && process.stdin.isTTY;
  if (raw) process.stdin.setRawMode(true);
  if (tty && process.stdout.isTTY) followSize(session);
  // Its end is the command's to see; a session that is over takes no more, which is no fault.
  if (stdin) pipeline(process.stdin, session.stdin).catch(() => {});
  else session.stdin.end();
  try {
    const [code] = await Promise.all([
      session.exit,
      pipeline(session.stdout, process.stdout, { end: false }),
      pipeline(session.stderr, process.stderr, { end: false }),
    ]);
    return code;
  } finally {
    if (raw) process.stdin.setRawMode(false);
    session.close();
  }
}

function followSize(session: ExecSession): void {
  const tell = () => session.resize(process.stdout.columns, process.stdout.rows);
  tell();
  process.stdout.on("resize", tell);
}
