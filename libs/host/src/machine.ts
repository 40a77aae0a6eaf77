/**
 * Is this machine fit to be a node? Looks at programs, the kernel, Docker and Open vSwitch, and changes nothing.
 * Every lack is named at once, with the command that mends it.
 */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import type { Runtime } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { inspectMachine } from "../../../setup/doctor.mjs";
import { run, succeeds } from "./command.ts";
import type { Datapath } from "./ovn-settings.ts";

/** Rows of `weft doctor` that a node cannot do without. */
const needed = [
  "openvswitch-switch",
  "ovn-host",
  "nftables",
  "conntrack",
  "iproute2",
  "ethtool",
  "iputils-ping",
  "util-linux",
];

export interface Machine {
  readonly datapath: Datapath;
  readonly runtimes: readonly Runtime[];
}

/** Throws WeftError("unavailable") with every lack. */
export async function inspectHost(): Promise<Machine> {
  const rows = await inspectMachine();
  const datapath = await kernelDatapath();
  const names = datapath === "netdev" ? [...needed, "tun device"] : needed;
  const lacks = rows.filter(({ name, ok }) => names.includes(name) && !ok);
  if (lacks.length > 0)
    throw new WeftError("unavailable", "This machine lacks what a node needs; nothing was changed.", {
      faults: lacks.map(({ name, have, mend }) => ({ path: name, message: `${have}; mend by: ${mend}` })),
    });
  const docker =
    rows.some(({ need, have }) => need === "Docker's daemon" && have === "answers") &&
    rows.every(({ kind, ok }) => kind !== "image" || ok);
  return { datapath, runtimes: docker ? ["docker", "namespace"] : ["namespace"] };
}

/** `system` forwards in the kernel, where its openvswitch module is loaded or can be; `netdev` in user space. */
async function kernelDatapath(): Promise<Datapath> {
  const loaded = () => existsSync("/sys/module/openvswitch");
  if (loaded()) return "system";
  return (await succeeds(["modprobe", "openvswitch"])) && loaded() ? "system" : "netdev";
}

/** The host's own name as a node's. */
export function defaultName(): string {
  return (hostname().split(".")[0] ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

/** The address by which this host reaches another one. */
export async function addressTowards(other: string): Promise<string> {
  const printed = await run(["ip", "-o", "route", "get", other]);
  const address = / src (\S+)/.exec(printed)?.[1];
  if (address === undefined || address.startsWith("127."))
    throw new WeftError(
      "invalid-request",
      `Which address the tunnels shall end at does not follow from the way to ${other}: give --address.`,
    );
  return address;
}
