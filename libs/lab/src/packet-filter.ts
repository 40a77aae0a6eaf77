/**
 * Keeps the machine's neighbours out of the lab. Linux answers on any link for any address that it has, and the lab's
 * servers ask for no password, so whoever routes the lab's network to this machine would reach them.
 * One nftables table in the root namespace; whom it lets through is only the machine itself and the lab's nodes.
 */
import { findProgram } from "../../../setup/programs.mjs";
import { runCommand } from "./command.ts";
import { managementLink, underlayNetwork } from "./layout.ts";

const table = "inet weft-lab";

/** Before routing, so that neither the control plane nor, where this machine forwards, a node is reached. */
const rules = `table ${table} {
  chain from-outside {
    type filter hook prerouting priority raw; policy accept;
    ip daddr ${underlayNetwork} iifname != { "lo", "${managementLink}" } drop
  }
}
`;

export async function closeToNeighbours(signal: AbortSignal): Promise<void> {
  await runCommand(["nft", "-f", "-"], { input: rules, signal });
}

/** The table's name while it is there. */
export async function packetFilters(): Promise<string[]> {
  if (findProgram("nft") === undefined) return [];
  const printed = await runCommand(["nft", "list", "tables"]);
  return printed.split("\n").includes(`table ${table}`) ? [table] : [];
}

export async function removePacketFilter(name: string): Promise<void> {
  await runCommand(["nft", "delete", "table", ...name.split(" ")]);
}
