/** What a joined host remembers: its membership, where the rest of Weft is, and what it changed here. Mode 0600. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Joined, Runtime, WeftError } from "@weft/schemas";
import { z } from "zod";
import { configFile, processFile, stateFolder } from "./paths.ts";

/** A link whose addresses were moved to br-phy, with what it had. */
export const MovedUplink = z.strictObject({
  name: z.string(),
  mtu: z.number().int(),
  addresses: z.array(z.string()).describe("with their prefix lengths"),
  routes: z.array(z.string()).describe("as `ip route` takes them, without the link"),
  arpIgnore: z.number().int().default(0).describe("the setting of that name"),
});
export type MovedUplink = z.infer<typeof MovedUplink>;

export const Daemon = z.enum(["ovsdb-server", "ovs-vswitchd", "ovn-controller"]);
export type Daemon = z.infer<typeof Daemon>;

export const HostConfig = z.strictObject({
  server: z.string().describe("the gateway that it joined at"),
  joined: Joined,
  address: z.string(),
  datapath: z.enum(["system", "netdev"]),
  runtimes: z.array(Runtime),
  uplink: MovedUplink.optional(),
  systemId: z.string().optional().describe("of Open vSwitch before"),
  started: z.array(Daemon).describe("daemons that were not running before"),
});
export type HostConfig = z.infer<typeof HostConfig>;

/** Undefined when this host has not joined. */
export function readHostConfig(): HostConfig | undefined {
  let text: string;
  try {
    text = readFileSync(configFile, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new WeftError("unavailable", `${configFile} cannot be read.`, { cause });
  }
  try {
    return HostConfig.parse(JSON.parse(text));
  } catch (cause) {
    throw new WeftError("unavailable", `${configFile} is damaged.`, { cause });
  }
}

/** Whole and by renaming: a crash leaves the old one or the new one. */
export function writeHostConfig(config: HostConfig): void {
  mkdirSync(path.dirname(configFile), { recursive: true, mode: 0o755 });
  const fresh = `${configFile}.new`;
  writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, configFile);
}

/** All that this host remembers but the agent's log. */
export function forgetHost(): void {
  rmSync(stateFolder, { recursive: true, force: true });
  rmSync(configFile, { force: true });
  for (const file of [configFile, processFile, stateFolder]) removeIfEmpty(path.dirname(file));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not there, or holds what is not ours.
  }
}
