/**
 * One node of the lab: a network namespace with Open vSwitch and ovn-controller of its own, as a host would have.
 * Writes the node's Open vSwitch database (its bridges and what OVN must know) and br-phy's address.
 * The agent beside it is started by services.ts; ports on br-int are the agent's.
 */
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { addBridge, joinCommands, setOvnSettings } from "@weft/host";
import type { Datapath } from "@weft/host";
import { southboundTcp } from "./central.ts";
import { ipBatch, runCommand } from "./command.ts";
import type { Fleet, ProcessSpec } from "./fleet.ts";
import type { LabLayout, NodeLayout } from "./layout.ts";
import { prefixLength, underlayMtu } from "./layout.ts";
import { logToStandardError, ovsdbAnswers } from "./ovsdb-server.ts";
import { uplink } from "./underlay.ts";

/** As Open vSwitch's and OVN's own start scripts run them: in user space packets wait for whoever else has the core. */
const aheadOfOthers = ["nice", "--adjustment=-10"] as const;

/** `system` forwards in the kernel, where its openvswitch module is loaded or can be; `netdev` in user space. */
export async function kernelDatapath(signal: AbortSignal): Promise<Datapath> {
  if (existsSync("/sys/module/openvswitch")) return "system";
  try {
    await runCommand(["modprobe", "openvswitch"], { signal });
    return existsSync("/sys/module/openvswitch") ? "system" : "netdev";
  } catch {
    return "netdev";
  }
}

export interface NodeStart {
  readonly lab: LabLayout;
  readonly node: NodeLayout;
  readonly datapath: Datapath;
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
}

/** Starts a node's processes; resolves when its chassis stands in OVN's southbound database. */
export async function startNode(start: NodeStart): Promise<void> {
  const { node, fleet } = start;
  mkdirSync(node.agentFolder, { recursive: true });
  await fleet.start(databaseProcess(start));
  await fleet.start(switchProcess(start));
  await fleet.start(controllerProcess(start));
}

/** A database that was lost is made again, as on a host whose administrator sets it up again. */
function databaseProcess(start: NodeStart): ProcessSpec {
  const { node, lab, signal } = start;
  const database = path.join(node.folder, "conf.db");
  const schema = "/usr/share/openvswitch/vswitch.ovsschema";
  let again = false;
  return {
    name: `${node.name}-ovsdb`,
    namespace: node.namespace,
    command: [
      "ovsdb-server",
      ...logToStandardError,
      `--remote=punix:${node.ovsdbSocket}`,
      `--unixctl=${path.join(node.folder, "ovsdb.ctl")}`,
      database,
    ],
    env: nodeEnvironment(lab, node),
    beforeStart: async () => {
      if (!existsSync(database)) await runCommand(["ovsdb-tool", "create", database, schema], { signal });
    },
    ready: () => ovsdbAnswers(node.ovsdbSocket),
    // At first nothing waits for ovs-vswitchd, which starts next and reads it all at once.
    afterStart: async () => {
      await writeConfiguration(start, again ? ["--timeout=20"] : ["--no-wait"]);
      if (again) await giveAddress(start);
      again = true;
    },
  };
}

/** In user space br-phy is a tap device that dies with ovs-vswitchd or with its row, and its address with it. */
async function giveAddress({ node, signal }: NodeStart): Promise<void> {
  await ipBatch([`address replace ${node.address}/${prefixLength} dev br-phy`, "link set br-phy up"], {
    signal,
    namespace: node.namespace,
  });
}

/** One ovs-vsctl, so one transaction. */
async function writeConfiguration(
  { node, datapath, signal }: NodeStart,
  waiting: readonly string[],
): Promise<void> {
  const { name, address } = node;
  const commands = [
    setOvnSettings({ name, address, southbound: southboundTcp, tunnel: "geneve", datapath }),
    addBridge("br-int", datapath, "secure"),
    addBridge("br-phy", datapath, "standalone"),
    ["--may-exist", "add-port", "br-phy", uplink],
    ["set", "interface", "br-phy", `mtu_request=${underlayMtu}`],
  ];
  const joined = joinCommands(commands);
  await runCommand(["ovs-vsctl", `--db=unix:${node.ovsdbSocket}`, ...waiting, ...joined], { signal });
}

function switchProcess(start: NodeStart): ProcessSpec {
  const { node, lab } = start;
  return {
    name: `${node.name}-vswitchd`,
    namespace: node.namespace,
    command: [
      ...aheadOfOthers,
      "ovs-vswitchd",
      ...logToStandardError,
      `--unixctl=${node.vswitchdSocket}`,
      `unix:${node.ovsdbSocket}`,
    ],
    env: nodeEnvironment(lab, node),
    ready: () => existsSync(path.join(node.folder, "br-phy.mgmt")) && hasLink(node, "br-phy"),
    afterStart: () => giveAddress(start),
  };
}

async function hasLink(node: NodeLayout, link: string): Promise<boolean> {
  await runCommand(["ip", "-n", node.namespace, "link", "show", link]);
  return true;
}

function controllerProcess({ node, lab }: NodeStart): ProcessSpec {
  return {
    name: `${node.name}-ovn-controller`,
    namespace: node.namespace,
    command: [...aheadOfOthers, "ovn-controller", ...logToStandardError, `unix:${node.ovsdbSocket}`],
    env: nodeEnvironment(lab, node),
    ready: async () => (await registeredChassis(lab)).includes(node.name),
  };
}

async function registeredChassis(lab: LabLayout): Promise<string[]> {
  const database = `--db=unix:${lab.southboundSocket}`;
  const printed = await runCommand([
    "ovn-sbctl",
    database,
    "--no-leader-only",
    "--bare",
    "--columns=name",
    "list",
    "chassis",
  ]);
  return printed.split("\n").filter((line) => line !== "");
}

/** Folders of this node alone: ovn-controller finds br-int's management socket in OVS_RUNDIR. */
function nodeEnvironment(lab: LabLayout, node: NodeLayout): Record<string, string> {
  const folder = node.folder;
  return {
    OVS_RUNDIR: folder,
    OVN_RUNDIR: folder,
    OVS_DBDIR: folder,
    OVS_LOGDIR: lab.logs,
    OVN_LOGDIR: lab.logs,
  };
}
