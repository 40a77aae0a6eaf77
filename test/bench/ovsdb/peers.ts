/**
 * The contestants of the ovsdb bench, each a process of its own, ours too: started, connected and told what to do.
 * What a peer times itself (with its connection open already) is what counts; a command's own time counts whole.
 * Reads one line of JSON from each. Comparing is left to ../ovsdb.ts.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { program } from "@weft/testkit";
import { z } from "zod";

const run = promisify(execFile);

const Ports = z.object({ seconds: z.number() });
const Read = z.object({ seconds: z.number(), rows: z.number(), rssBytes: z.number() });
export type ReadFigures = z.infer<typeof Read>;

/** Debian's own Python has ovsdbapp, whichever comes first on the PATH. */
const commands = {
  ovsdbapp: ["/usr/bin/python3", path.join(import.meta.dirname, "ovsdbapp-peer.py")],
  weft: [process.execPath, path.join(import.meta.dirname, "weft-peer.ts")],
} as const;
export type Peer = keyof typeof commands;

export interface NewPorts {
  readonly remote: string;
  readonly switch: string;
  readonly count: number;
}

/** Seconds for the ports in one transaction, over a connection that is open. */
export async function portsBy(peer: Peer, { remote, switch: name, count }: NewPorts): Promise<number> {
  return Ports.parse(await answerOf(peer, [remote, "ports", name, `${count}`])).seconds;
}

/** From a closed connection to the whole database in memory. */
export async function readBy(peer: Peer, remote: string): Promise<ReadFigures> {
  return Read.parse(await answerOf(peer, [remote, "read"]));
}

/** The same ports by as many commands, one after the other. */
export async function portsByCommands({ remote, switch: name, count }: NewPorts): Promise<void> {
  const nbctl = program("ovn-nbctl");
  for (let index = 0; index < count; index += 1) {
    const port = `${name}-${index}`;
    const more = ["lsp-set-addresses", port, `dynamic ${index}`];
    const owner = ["set", "Logical_Switch_Port", port, "external_ids:owner=bench"];
    await run(nbctl, [`--db=${remote}`, "lsp-add", name, port, "--", ...more, "--", ...owner]);
  }
}

async function answerOf(peer: Peer, args: readonly string[]): Promise<unknown> {
  const [file, script] = commands[peer];
  const { stdout } = await run(file, [script, ...args]);
  return JSON.parse(stdout);
}
