/**
 * What is set inside one network namespace, as a shell script that feeds `ip -batch` and `tc -batch`: sysctls while the
 * links are still down, then addresses, links, routes and the rules that choose routes by interface of arrival.
 * Pure text. Every name and address is checked before it gets into the script.
 */
import type { PlacedInterface, PlacedRoute } from "@weft/schemas";
import { parseSubnet, WeftError } from "@weft/schemas";
import { tbfLine } from "./bandwidth.ts";

export interface NamespaceContents {
  readonly interfaces: readonly PlacedInterface[];
  readonly routes: readonly PlacedRoute[];
  /** Files below /proc/sys; `*` stands for every name. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly bandwidth?: number | undefined;
  /** False where the switch computes no checksums that a stack left to the card. */
  readonly checksumOffload: boolean;
}

/** Tables of routes by interface of arrival: this and up, in the order of the interfaces. */
const firstTable = 100;
export const defaults: Readonly<Record<string, { readonly to: string; readonly family: 4 | 6 }>> = {
  default4: { to: "0.0.0.0/0", family: 4 },
  default6: { to: "::/0", family: 6 },
};

export function namespaceScript(contents: NamespaceContents): string {
  const names = contents.interfaces.map(({ name }) => checkedName(name));
  const rules = ruleLines(contents);
  // Without a family, a rule is one of IPv4; those of IPv6 need a command line of their own.
  const lines = [...addressLines(contents), ...routeLines(contents), ...rules];
  const shaping = names.flatMap((name) => tbfLine(name, contents.bandwidth) ?? []);
  return [
    "set -e",
    ...sysctlLines({ ...baseSysctls(contents), ...contents.sysctls }),
    ...(contents.checksumOffload ? [] : names.map((name) => `ethtool -K ${name} tx off >/dev/null`)),
    heredoc("ip -batch -", lines),
    heredoc("ip -6 -batch -", hasV6(contents) ? rules : []),
    heredoc("tc -batch -", shaping),
    "",
  ].join("\n");
}

/** Ahead of the rest of a script: no packet comes in without them. */
export function rulesScript(rules: string | undefined): string {
  return rules === undefined ? "" : `set -e\n${heredoc("nft --file -", [rules.trimEnd()])}\n`;
}

/** For a namespace that was wired before: links are set as they were made, then all the rest once more. */
export function mendScript(contents: NamespaceContents): string {
  const lines = contents.interfaces.flatMap(({ name, mtu, mac, addresses }) => [
    `link set ${checkedName(name)} mtu ${mtu} address ${mac} up`,
    // The kernel gives it once, as the link comes up.
    ...linkLocal(mac, addresses).map((address) => `address replace ${address} dev ${name} nodad`),
  ]);
  return [heredoc("ip -batch -", lines), namespaceScript(contents)].join("\n");
}

/** Writes sysctls, `*` expanded by the shell; used again by whoever opens the way for packets. */
export function sysctlLines(sysctls: Readonly<Record<string, string>>): string[] {
  return Object.entries(sysctls).map(([file, value]) => {
    if (!/^[a-zA-Z0-9_./*-]+$/.test(file) || file.includes("..") || !/^[0-9a-zA-Z -]+$/.test(value))
      throw new WeftError("internal", `not a sysctl: ${file}=${value}.`);
    return `for file in /proc/sys/${file}; do echo '${value}' > "$file"; done`;
  });
}

export function baseSysctls(contents: NamespaceContents): Record<string, string> {
  const perInterface = contents.interfaces.flatMap(({ name, addresses }) => [
    [`net/ipv4/conf/${name}/arp_notify`, "1"] as const, // announces itself: neighbours may know an older owner
    // A neighbour that is not wired yet must not cost a second: its switch port may come up any moment.
    [`net/ipv4/neigh/${name}/retrans_time_ms`, "200"] as const,
    [`net/ipv6/conf/${name}/disable_ipv6`, addresses.some(isV6) ? "0" : "1"] as const,
    // Likewise for IPv6, where it has addresses: an unsolicited advertisement, and a neighbour asked for again soon.
    [`net/ipv6/conf/${name}/ndisc_notify`, "1"] as const,
    [`net/ipv6/neigh/${name}/retrans_time_ms`, "200"] as const,
    [`net/ipv6/conf/${name}/accept_ra`, "0"] as const,
    [`net/ipv6/conf/${name}/accept_dad`, "0"] as const, // addresses are given out once; waiting for doubles costs 1 s
  ]);
  return Object.fromEntries(perInterface);
}

/** Where there is any address of IPv6: made from the MAC as RFC 4291, appendix A, says. */
export function linkLocal(mac: string, addresses: readonly string[]): string[] {
  if (!addresses.some(isV6)) return [];
  const [first = 0, ...rest] = mac.split(":").map((octet) => Number.parseInt(octet, 16));
  const octets = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const words = [0, 2, 4, 6].map((at) => ((octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0)).toString(16));
  return [`fe80::${words.join(":")}/64`];
}

function addressLines({ interfaces }: NamespaceContents): string[] {
  return [
    "link set lo up",
    ...interfaces.flatMap(({ name, addresses }) => [
      ...addresses.map(
        (address) => `address replace ${checkedSubnet(address)} dev ${name}${isV6(address) ? " nodad" : ""}`,
      ),
      `link set ${name} up`,
    ]),
  ];
}

function routeLines(contents: NamespaceContents): string[] {
  return contents.routes.map((route) => {
    const { to } = defaults[route.to] ?? { to: checkedSubnet(route.to) };
    const via = route.via === undefined ? "" : ` via ${checkedSubnet(route.via)}`;
    const table = route.arrivedOn === undefined ? "" : ` table ${tableOf(contents, route.arrivedOn)}`;
    // A gateway may lie outside the interface's own subnet: it is on the link because the placement says so.
    const onlink = route.via === undefined ? "" : " onlink";
    return `route replace ${to}${via} dev ${checkedName(route.interface)}${onlink}${table}`;
  });
}

/** Rules outlive the interface that they name: one of an earlier wiring goes first, and `flush` does not mind where there is none. */
function ruleLines(contents: NamespaceContents): string[] {
  const arrivals = new Set(contents.routes.flatMap(({ arrivedOn }) => arrivedOn ?? []));
  return [...arrivals].flatMap((name) => {
    const table = tableOf(contents, name);
    const rule = `iif ${checkedName(name)} table ${table} priority ${table}`;
    return [`rule flush ${rule}`, `rule add ${rule}`];
  });
}

export function tableOf({ interfaces }: NamespaceContents, name: string): number {
  const index = interfaces.findIndex((each) => each.name === name);
  if (index < 0) throw new WeftError("internal", `A route arrives on ${name}, which is no interface.`);
  return firstTable + index;
}

export function hasV6({ interfaces }: NamespaceContents): boolean {
  return interfaces.some(({ addresses }) => addresses.some(isV6));
}

function isV6(address: string): boolean {
  return address.includes(":");
}

function heredoc(command: string, lines: readonly string[]): string {
  return lines.length === 0 ? ":" : `${command} <<'END'\n${lines.join("\n")}\nEND`;
}

export function checkedName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,14}$/.test(name))
    throw new WeftError("internal", `not an interface's name: ${name}.`);
  return name;
}

function checkedSubnet(text: string): string {
  parseSubnet(text);
  return text;
}
