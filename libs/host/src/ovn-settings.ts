/** What a node's Open vSwitch must know of OVN, and how its bridges are made. The same for a lab's node and a host that joins. */

export type Datapath = "system" | "netdev";

export interface OvnNode {
  readonly name: string;
  /** Where its tunnels end. */
  readonly address: string;
  /** As ovn-remote takes it. */
  readonly southbound: string;
  readonly tunnel: string;
  readonly datapath: Datapath;
}

/** Of the table Open_vSwitch, column external_ids. */
export function ovnSettings(node: OvnNode): Record<string, string> {
  return {
    "system-id": node.name,
    hostname: node.name,
    "ovn-remote": node.southbound,
    "ovn-encap-type": node.tunnel,
    "ovn-encap-ip": node.address,
    "ovn-bridge": "br-int",
    "ovn-bridge-datapath-type": node.datapath,
    "ovn-monitor-all": "true",
    // Keeps the old flows until the new ones are all computed: a restart of ovn-controller loses no frame.
    "ovn-ofctrl-wait-before-clear": "8000",
    // Two busy cores can delay an echo by more than the default 5 s, and a reconnect costs a full resend.
    "ovn-remote-probe-interval": "60000",
    "ovn-openflow-probe-interval": "60",
  };
}

/** Words for one ovs-vsctl command. */
export function setOvnSettings(node: OvnNode): string[] {
  const pairs = Object.entries(ovnSettings(node)).map(
    ([key, value]) => `external_ids:${key}=${JSON.stringify(value)}`,
  );
  return ["set", "open_vswitch", ".", ...pairs];
}

export function addBridge(name: string, datapath: Datapath, failMode: "secure" | "standalone"): string[] {
  const settings = [`datapath_type=${datapath}`, `fail_mode=${failMode}`];
  return ["--may-exist", "add-br", name, "--", "set", "bridge", name, ...settings];
}

/** Several commands of ovs-vsctl as one transaction. */
export function joinCommands(commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap((command) => ["--", ...command]);
}
