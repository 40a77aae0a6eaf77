/**
 * What must hold for a wiring, one line for each thing, and the same lines read from what `ip` and `tc` say. Pure.
 * A wanted line that was not read is drift. What else is there (a route that a workload added) is nobody's fault and stays.
 */
import type { InstancePlacement, PlacedRoute } from "@weft/schemas";
import { formatSubnet, networkOf, parseAddress, parseSubnet } from "@weft/schemas";
import { z } from "zod";
import { bucketRate } from "../wiring/bandwidth.ts";
import { interfacesOf, linkName } from "../wiring/names.ts";
import { baseSysctls, defaults, hasV6, linkLocal, tableOf } from "../wiring/namespace-script.ts";
import type { NamespaceContents } from "../wiring/namespace-script.ts";

/** Files below /proc/sys and the value that each must have. */
export function wantedSysctls(contents: NamespaceContents): Readonly<Record<string, string>> {
  return { ...baseSysctls(contents), ...contents.sysctls };
}

export function factsInside(contents: NamespaceContents): string[] {
  return [
    "lo is up",
    ...contents.interfaces.flatMap(({ name, mac, mtu, addresses }) => [
      ...linkFacts(name, mtu, contents.bandwidth),
      `${name} has address ${mac}`,
      ...[...addresses, ...linkLocal(mac, addresses)].map(
        (address) => `${name} has ${formatSubnet(parseSubnet(address))}`,
      ),
    ]),
    ...contents.routes.map((route) => routeFact(route, contents)),
    ...ruleFacts(contents),
    ...sysctlFacts(contents),
  ];
}

/** Of the ends that the switch has: they are the node's own links. */
export function factsOfHostEnds(placement: InstancePlacement): string[] {
  const bounded = new Set(placement.interfaces);
  return interfacesOf(placement).flatMap((placed) =>
    linkFacts(
      linkName(placement.uid, placed),
      placed.mtu,
      bounded.has(placed) ? placement.resources.bandwidth : undefined,
    ),
  );
}

/** `/proc/sys/FILE:VALUE`, as grep prints it. */
export function readSysctl(line: string): string {
  const [, file = "", value = ""] = /^\/proc\/sys\/([^:]*):(.*)$/.exec(line) ?? [];
  return sysctlFact(file, value);
}

function sysctlFacts(contents: NamespaceContents): string[] {
  const names = ["all", "default", ...contents.interfaces.map(({ name }) => name)];
  return Object.entries(wantedSysctls(contents)).flatMap(([file, value]) =>
    file.includes("*")
      ? names.map((name) => sysctlFact(file.replace("*", name), value))
      : [sysctlFact(file, value)],
  );
}

function sysctlFact(file: string, value: string): string {
  return `sysctl ${file}=${value}`;
}

/** An interface that is not there cannot be mended in place. */
export function presenceFact(name: string): string {
  return `interface ${name}`;
}

function linkFacts(name: string, mtu: number, bandwidth: number | undefined): string[] {
  const shaping = bandwidth === undefined ? [] : [`${name} passes ${bucketRate(bandwidth)} bytes a second`];
  return [presenceFact(name), `${name} is up`, `${name} has mtu ${mtu}`, ...shaping];
}

function routeFact(route: PlacedRoute, contents: NamespaceContents): string {
  const to = defaults[route.to]?.to ?? formatSubnet(networkOf(parseSubnet(route.to)));
  const via = route.via === undefined ? "" : ` via ${formatSubnet(parseSubnet(route.via))}`;
  const table = route.arrivedOn === undefined ? "main" : String(tableOf(contents, route.arrivedOn));
  return `route ${to}${via} dev ${route.interface} table ${table}`;
}

function ruleFacts(contents: NamespaceContents): string[] {
  const arrivals = new Set(contents.routes.flatMap(({ arrivedOn }) => arrivedOn ?? []));
  const families = hasV6(contents) ? [4, 6] : [4];
  return families.flatMap((family) =>
    [...arrivals].map((name) => `rule of IPv${family} iif ${name} table ${tableOf(contents, name)}`),
  );
}

const Links = z.array(
  z.looseObject({
    ifname: z.string().optional(),
    flags: z.array(z.string()).default([]),
    mtu: z.number().default(0),
    address: z.string().default(""),
    addr_info: z
      .array(z.looseObject({ local: z.string().optional(), prefixlen: z.number().optional() }))
      .default([]),
  }),
);
const Routes = z.array(
  z.looseObject({
    dst: z.string().default("default"),
    gateway: z.string().optional(),
    dev: z.string().optional(),
    table: z.union([z.string(), z.number()]).default("main"),
  }),
);
const Rules = z.array(
  z.looseObject({ iif: z.string().optional(), table: z.union([z.string(), z.number()]).default("") }),
);
const Qdiscs = z.array(
  z.looseObject({
    kind: z.string(),
    dev: z.string().optional(),
    root: z.boolean().optional(),
    options: z.looseObject({ rate: z.number().optional() }).optional(),
  }),
);

/** What one section of a look says, by the section's name: see look-script.ts. Throws on what is no answer of `ip` or `tc`. */
export const readSection: Readonly<Record<string, (json: unknown) => string[]>> = {
  links: (json) =>
    Links.parse(json).flatMap(({ ifname: name = "", flags, mtu, address, addr_info: addresses }) => [
      presenceFact(name),
      ...(flags.includes("UP") ? [`${name} is up`] : []),
      `${name} has mtu ${mtu}`,
      `${name} has address ${address}`,
      ...addresses.flatMap(({ local, prefixlen }) =>
        local === undefined ? [] : [`${name} has ${formatSubnet(parseSubnet(`${local}/${prefixlen ?? 0}`))}`],
      ),
    ]),
  routes: (json) =>
    Routes.parse(json).flatMap(({ dst, gateway, dev, table }) => {
      const via = gateway === undefined ? "" : ` via ${formatSubnet(parseSubnet(gateway))}`;
      return destinations(dst, gateway).map((to) => `route ${to}${via} dev ${dev ?? ""} table ${table}`);
    }),
  rules4: (json) => rulesOf(json, 4),
  rules6: (json) => rulesOf(json, 6),
  shaping: (json) =>
    Qdiscs.parse(json).flatMap(({ kind, dev, root, options }) =>
      kind === "tbf" && root === true ? [`${dev ?? ""} passes ${options?.rate ?? 0} bytes a second`] : [],
    ),
};

function rulesOf(json: unknown, family: 4 | 6): string[] {
  return Rules.parse(json).flatMap(({ iif, table }) =>
    iif === undefined ? [] : [`rule of IPv${family} iif ${iif} table ${table}`],
  );
}

/** `default` is said of both families; without a gateway nothing tells which one is meant. */
function destinations(dst: string, gateway: string | undefined): string[] {
  if (dst !== "default")
    return dst.includes(".") || dst.includes(":") ? [formatSubnet(parseSubnet(dst))] : [];
  if (gateway === undefined) return ["0.0.0.0/0", "::/0"];
  return [parseAddress(gateway).family === 4 ? "0.0.0.0/0" : "::/0"];
}
