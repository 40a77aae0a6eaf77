/**
 * A link that Open vSwitch takes over, for tunnels that end in user space: it becomes a port of br-phy, and its addresses
 * and routes stand on br-phy itself. Moves them in one `ip` batch each way; touches no other link.
 */
import { readFileSync } from "node:fs";
import { WeftError } from "@weft/schemas";
import { z } from "zod";
import { arpSetting, ignoreArp } from "./arp.ts";
import { run } from "./command.ts";
import type { MovedUplink } from "./host-config.ts";
import { addBridge, joinCommands } from "./ovn-settings.ts";
import { vsctl } from "./open-vswitch.ts";

const bridge = "br-phy";

const Links = z.array(
  z.object({
    mtu: z.number().int(),
    addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number().int(), scope: z.string() })),
  }),
);
const Routes = z.array(
  z.object({ dst: z.string(), gateway: z.string().optional(), protocol: z.string().optional() }),
);

/** What the link has now. Throws WeftError("not-found") when there is no such link. */
export async function readUplink(name: string): Promise<MovedUplink> {
  const [link] = Links.parse(
    JSON.parse(
      await run(["ip", "-j", "address", "show", "dev", name]).catch((cause: unknown) => {
        throw new WeftError("not-found", `There is no link ${name} here.`, { cause });
      }),
    ),
  );
  const routes = await Promise.all(["-4", "-6"].map((family) => routesOf(family, name)));
  return {
    name,
    mtu: link?.mtu ?? 1500,
    addresses: (link?.addr_info ?? [])
      .filter(({ scope }) => scope === "global")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    routes: routes.flat(),
    arpIgnore: Number(readFileSync(arpSetting(name), "utf8")),
  };
}

/** Those that somebody set; the kernel makes the others itself with the addresses. */
async function routesOf(family: string, name: string): Promise<string[]> {
  const printed = (await run(["ip", family, "-j", "route", "show", "dev", name])).trim();
  return Routes.parse(JSON.parse(printed === "" ? "[]" : printed))
    .filter(({ protocol }) => protocol !== "kernel")
    .map(({ dst, gateway }) => (gateway === undefined ? dst : `${dst} via ${gateway}`));
}

/** Also after a reboot, when the link has its addresses again and br-phy has none. */
export async function moveUplink(uplink: MovedUplink): Promise<void> {
  const { name, mtu, addresses, routes } = uplink;
  const commands = [
    addBridge(bridge, "netdev", "standalone"),
    ["--may-exist", "add-port", bridge, name],
    ["set", "interface", bridge, `mtu_request=${mtu}`],
  ];
  await run(["sh", "-c", ignoreArp(name)]);
  await vsctl(joinCommands(commands));
  const still = (await readUplink(name)).addresses.filter((address) => addresses.includes(address));
  await batch([
    `link set ${name} up`,
    `link set ${bridge} up`,
    ...still.map((address) => `address delete ${address} dev ${name}`),
    ...addresses.map((address) => `address replace ${address} dev ${bridge}`),
    ...routes.map((route) => `route replace ${route} dev ${bridge}`),
  ]);
}

export async function restoreUplink({ name, addresses, routes, arpIgnore }: MovedUplink): Promise<void> {
  await vsctl(["--if-exists", "del-br", bridge]);
  await run(["sh", "-c", ignoreArp(name, arpIgnore)]);
  await batch([
    ...addresses.map((address) => `address replace ${address} dev ${name}`),
    ...routes.map((route) => `route replace ${route} dev ${name}`),
  ]);
}

function batch(lines: readonly string[]): Promise<string> {
  return run(["ip", "-batch", "-"], `${lines.join("\n")}\n`);
}
