/**
 * Bytes over the connections of servers on the loopback, both ways, as the kernel counts them for each socket.
 * Reads what `ss` says of connections that are open: of those that came and went meanwhile it knows nothing.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { program } from "@weft/testkit";

const run = promisify(execFile);

/** Of all connections that the servers on these ports have. */
export async function connectionBytes(ports: readonly number[]): Promise<number> {
  const filter = ports.map((port) => `sport = :${port}`).join(" or ");
  const { stdout } = await run(program("ss"), [
    "-H",
    "-t",
    "-i",
    "-n",
    "state",
    "established",
    `( ${filter} )`,
  ]);
  const counts = [...stdout.matchAll(/\bbytes_(?:acked|received):(\d+)/g)];
  return counts.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

/** Of `nats://…`, `tcp:…` and `http://…` alike. */
export function portOf(address: string): number {
  return Number(/:(\d+)$/.exec(address)?.[1]);
}
