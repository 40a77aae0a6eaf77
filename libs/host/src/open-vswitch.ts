/**
 * The host's own Open vSwitch and ovn-controller, as Debian installs them: started where they do not run, told what OVN
 * needs, and put back as they were. Ports on br-int are the agent's, flows are ovn-controller's.
 */
import { WeftError } from "@weft/schemas";
import { run, succeeds } from "./command.ts";
import type { Daemon, HostConfig } from "./host-config.ts";
import { addBridge, joinCommands, ovnSettings, setOvnSettings } from "./ovn-settings.ts";
import type { Datapath, OvnNode } from "./ovn-settings.ts";
import { openVswitchSocket } from "./paths.ts";

const ovsCtl = "/usr/share/openvswitch/scripts/ovs-ctl";
const ovnCtl = "/usr/share/ovn/scripts/ovn-ctl";

/** Starts what does not run; resolves to what it started. */
export async function startOpenVswitch(datapath: Datapath): Promise<Daemon[]> {
  const started: Daemon[] = [];
  if (!(await runs("ovsdb-server"))) {
    await run([ovsCtl, "--no-ovs-vswitchd", "--no-record-hostname", "--system-id=random", "start"]);
    started.push("ovsdb-server");
  }
  if (!(await runs("ovs-vswitchd"))) {
    await run(switchCommand(datapath));
    started.push("ovs-vswitchd");
  }
  return started;
}

/** ovs-ctl insists on the kernel module, which forwarding in user space does without. */
function switchCommand(datapath: Datapath): string[] {
  if (datapath === "system")
    return [ovsCtl, "--no-ovsdb-server", "--no-record-hostname", "--system-id=random", "start"];
  const log = ["-vconsole:off", "-vsyslog:err", "-vfile:info", "--log-file"];
  return ["ovs-vswitchd", `unix:${openVswitchSocket}`, ...log, "--pidfile", "--detach"];
}

/** Once the settings stand: ovn-controller then registers its chassis at once. */
export async function startController(): Promise<Daemon[]> {
  if (await runs("ovn-controller")) return [];
  await run([ovnCtl, "start_controller"]);
  return ["ovn-controller"];
}

function runs(daemon: Daemon): Promise<boolean> {
  const appctl = daemon === "ovn-controller" ? "ovn-appctl" : "ovs-appctl";
  return succeeds([appctl, "-t", daemon, "version"]);
}

/** The value of one of its external_ids; undefined where it has none, or no database runs. */
export async function externalId(key: string): Promise<string | undefined> {
  if (!(await runs("ovsdb-server"))) return undefined;
  const printed = await vsctl(["--if-exists", "get", "open_vswitch", ".", `external_ids:${key}`]);
  const value = printed.trim().replaceAll(/^"|"$/g, "");
  return value === "" ? undefined : value;
}

/** Throws WeftError("in-use") when another OVN has this Open vSwitch. */
export async function refuseForeignOvn(): Promise<void> {
  const remote = await externalId("ovn-remote");
  if (remote !== undefined)
    throw new WeftError(
      "in-use",
      `This host's Open vSwitch belongs to an OVN already (ovn-remote=${remote}); nothing was changed.`,
    );
}

export async function configureOpenVswitch(node: OvnNode): Promise<void> {
  await vsctl(joinCommands([setOvnSettings(node), addBridge("br-int", node.datapath, "secure")]));
}

/** Ends what join started, and takes away what it set. ovn-controller takes its chassis away itself, when asked to exit. */
export async function restoreOpenVswitch({ started, systemId }: HostConfig): Promise<void> {
  if (started.includes("ovn-controller") && (await runs("ovn-controller")))
    await run([ovnCtl, "stop_controller"]);
  if (!(await runs("ovsdb-server"))) return;
  const bridges = (await vsctl(["list-br"]))
    .split("\n")
    .filter((name) => name === "br-int" || name.startsWith("weft-up-"));
  const settings = { name: "", address: "", southbound: "", tunnel: "", datapath: "netdev" } as const;
  const keys = [...Object.keys(ovnSettings(settings)), "ovn-bridge-mappings"];
  await vsctl(
    joinCommands([
      ...bridges.map((name) => ["--if-exists", "del-br", name]),
      ["remove", "open_vswitch", ".", "external_ids", ...keys],
      ...(systemId === undefined ? [] : [["set", "open_vswitch", ".", `external_ids:system-id=${systemId}`]]),
    ]),
  );
}

/** After br-phy is gone too. */
export async function stopOpenVswitch({ started }: HostConfig): Promise<void> {
  for (const daemon of ["ovs-vswitchd", "ovsdb-server"] as const)
    if (started.includes(daemon) && (await runs(daemon))) await run(["ovs-appctl", "-t", daemon, "exit"]);
}

export function vsctl(words: readonly string[]): Promise<string> {
  return run(["ovs-vsctl", "--timeout=20", ...words]);
}
