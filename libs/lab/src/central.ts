/**
 * OVN's central part: the northbound and southbound databases, each a server of its own, and ovn-northd between them.
 * Creates the database files in the lab's folder. Rows are the network-stitcher's (north) and ovn-northd's (south).
 */
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./command.ts";
import type { Fleet, ProcessSpec } from "./fleet.ts";
import type { LabLayout } from "./layout.ts";
import { controlAddress, ports } from "./layout.ts";
import { logToStandardError, ovsdbAnswers } from "./ovsdb-server.ts";

export const northboundTcp = `tcp:${controlAddress}:${ports.northbound.port}`;
export const southboundTcp = `tcp:${controlAddress}:${ports.southbound.port}`;

/** Starts both databases side by side, then ovn-northd. */
export async function startCentral(lab: LabLayout, fleet: Fleet, signal: AbortSignal): Promise<void> {
  mkdirSync(lab.centralFolder, { recursive: true });
  await Promise.all([
    startDatabase("nb", lab.northboundSocket, ports.northbound.port, { lab, fleet, signal }),
    startDatabase("sb", lab.southboundSocket, ports.southbound.port, { lab, fleet, signal }),
  ]);
  await fleet.start(northd(lab));
}

interface Starting {
  readonly lab: LabLayout;
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
}

async function startDatabase(
  which: "nb" | "sb",
  socket: string,
  port: number,
  starting: Starting,
): Promise<void> {
  const { lab, fleet, signal } = starting;
  const file = path.join(lab.centralFolder, `${which}.db`);
  await fleet.start({
    name: `ovn-${which}`,
    command: [
      "ovsdb-server",
      ...logToStandardError,
      `--remote=punix:${socket}`,
      `--remote=ptcp:${port}:${controlAddress}`,
      `--unixctl=${path.join(lab.centralFolder, `${which}.ctl`)}`,
      file,
    ],
    env: centralEnvironment(lab),
    beforeStart: async () => {
      if (!existsSync(file))
        await runCommand(["ovsdb-tool", "create", file, `/usr/share/ovn/ovn-${which}.ovsschema`], { signal });
    },
    ready: () => ovsdbAnswers(socket),
  });
}

function northd(lab: LabLayout): ProcessSpec {
  return {
    name: "ovn-northd",
    command: [
      "ovn-northd",
      ...logToStandardError,
      `--ovnnb-db=unix:${lab.northboundSocket}`,
      `--ovnsb-db=unix:${lab.southboundSocket}`,
      `--unixctl=${path.join(lab.centralFolder, "northd.ctl")}`,
    ],
    env: centralEnvironment(lab),
  };
}

function centralEnvironment(lab: LabLayout): Record<string, string> {
  const folder = lab.centralFolder;
  return {
    OVN_RUNDIR: folder,
    OVS_RUNDIR: folder,
    OVN_DBDIR: folder,
    OVN_LOGDIR: lab.logs,
    OVS_LOGDIR: lab.logs,
  };
}
