export { ignoreArp } from "./arp.ts";
export type { JoinOptions, LeaveOptions, StartOptions } from "./join-host.ts";
export { joinHost, leaveHost, startHost, stopHost } from "./join-host.ts";
export type { Datapath, OvnNode } from "./ovn-settings.ts";
export { addBridge, joinCommands, ovnSettings, setOvnSettings } from "./ovn-settings.ts";
