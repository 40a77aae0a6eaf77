/**
 * Refuses to start where another program already listens: names the port and who has it.
 * Reads `ss`; a port clashes only on the same address or on all addresses.
 */
import { WeftError } from "@weft/schemas";
import { runCommand } from "./command.ts";
import { controlAddress, metricsPorts, ports } from "./layout.ts";

interface Listener {
  readonly address: string;
  readonly port: number;
  readonly owner: string;
}

export async function requireFreePorts(services: boolean): Promise<void> {
  const listeners = parseListeners(await runCommand(["ss", "-H", "-l", "-t", "-u", "-n", "-p"]));
  const clashes = wantedPorts(services).flatMap(({ use, port, addresses }) => {
    const taken = listeners.find(
      (listener) => listener.port === port && clashesWith(listener.address, addresses),
    );
    return taken === undefined
      ? []
      : [`port ${port} (${use}) is in use at ${taken.address} by ${taken.owner}`];
  });
  if (clashes.length > 0) throw new WeftError("unavailable", `The lab cannot start: ${clashes.join("; ")}.`);
}

interface WantedPort {
  readonly use: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** Agents are not among them: each listens in its node's namespace. */
function wantedPorts(services: boolean): WantedPort[] {
  const servers = Object.entries(ports).map(([use, wanted]) => ({ use, ...wanted }));
  if (!services) return servers.filter(({ use }) => !use.startsWith("gateway"));
  const metrics = Object.entries(metricsPorts)
    .filter(([name]) => name !== "agent")
    .map(([name, port]) => ({ use: `metrics of ${name}`, port, addresses: [controlAddress] }));
  return [...servers, ...metrics];
}

function clashesWith(address: string, wanted: readonly string[]): boolean {
  return ["0.0.0.0", "*", "[::]"].includes(address) || wanted.includes(address);
}

/** Lines of `ss -Hltunp`: netid state recv send local:port peer:port users:(("name",pid=1,fd=2)). */
export function parseListeners(printed: string): Listener[] {
  return printed.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const local = /^(.*):(\d+)$/.exec(fields[4] ?? "");
    if (local === null) return [];
    const user = /\(\("([^"]+)",pid=(\d+)/.exec(line);
    const owner = user === null ? "an unknown process" : `${user[1]} (pid ${user[2]})`;
    return [{ address: (local[1] ?? "").replace(/%.*$/, ""), port: Number(local[2]), owner }];
  });
}
