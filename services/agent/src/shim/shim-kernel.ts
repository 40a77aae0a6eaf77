/**
 * The shims in the kernel: rules and maps written, sets read back, one nft for each action on a shard.
 * nft 1.0.6 lists one set a run, and reads every set that its answer could touch: 100,000 flows take it two seconds. Chains
 * alone, a single small map and all writing stay at a few milliseconds, whatever `known` holds.
 */
import type { MacPair } from "@weft/decide";
import { runOnHost } from "@weft/drivers";
import { WeftError, parseAddress } from "@weft/schemas";
import type { Flow } from "@weft/schemas";
import { knownTexts, ownerTexts, waysText } from "./elements.ts";
import type { Ways, WaysOrder } from "./elements.ts";
import type { Owners } from "./entries.ts";
import { addressesIn, flowText, flowsIn, slotsIn } from "./flow-text.ts";
import type { Ruleset } from "./ruleset/ruleset.ts";
import { isMark } from "./ruleset/ruleset.ts";
import { families, gateTable, mapName, setName, shimTable } from "./ruleset/shape.ts";
import { trackedFlows } from "./tracked-flows.ts";

/** 100,000 flows on a busy machine. */
const patienceMs = 60_000;

export interface SeenRules {
  /** Of all rules that were loaded and not taken away since: one, unless a load was cut short or somebody else's hand was in it. */
  readonly marks: readonly string[];
  /** Interfaces that packets come in by through these rules. */
  readonly devices: readonly string[];
  /** The namespace's gate is closed. */
  readonly waiting: boolean;
}

/** Costs a few milliseconds: chains are listed without a look into any set. */
export async function seenRules(namespacePath: string): Promise<SeenRules> {
  return rulesIn(await nft(namespacePath, chainsListed));
}

/** What prints the chains, as words without spaces or quotes. */
export const chainsListed: readonly string[] = ["list", "chains", "netdev"];

/** Reads `nft list chains netdev`. Since kernel 6.16 a hook stays when its device is gone. */
export function rulesIn(listing: string): SeenRules {
  const own = new RegExp(`^table netdev ${shimTable} {\n([^]*?)^}`, "m").exec(listing)?.[1] ?? "";
  const chains = [...own.matchAll(/^\s*chain (\S+) {/gm)].map(([, name = ""]) => name);
  const hooks = own.matchAll(/hook ingress devices? (?:= )?{? ?"([^"]+)"/g);
  const devices = [...hooks].map(([, device = ""]) => device);
  const waiting = new RegExp(`^table netdev ${gateTable} {`, "m").test(listing);
  return { marks: chains.filter(isMark), devices: devices.toSorted(), waiting };
}

/** One transaction. */
export async function loadRules(namespacePath: string, rules: Pick<Ruleset, "mark" | "text">): Promise<void> {
  const { marks } = await seenRules(namespacePath);
  const stale = marks.filter((mark) => mark !== rules.mark);
  await load(
    namespacePath,
    rules.text + stale.map((mark) => `delete chain netdev ${shimTable} ${mark}\n`).join(""),
  );
}

/** What the rules have remembered so far. */
export async function forgetKnown(namespacePath: string): Promise<void> {
  const sets = families.flatMap((family) =>
    (["known", "closing", "unrecorded"] as const).map((set) => setName(set, family)),
  );
  await load(namespacePath, sets.map((set) => `flush set netdev ${shimTable} ${set}\n`).join(""));
}

/** Flows that the shard is to own though its rules saw none of their packets, each remembered for so many seconds. */
export async function addKnown(
  namespacePath: string,
  flows: readonly { readonly flow: Flow; readonly seconds: number }[],
): Promise<void> {
  for (const text of knownTexts(flows)) await load(namespacePath, text);
}

export async function writeWays(namespacePath: string, ways: Ways, order: WaysOrder): Promise<void> {
  await load(namespacePath, waysText(ways, order));
}

/** `before` must be what the maps hold. A batch that fails leaves those ahead of it done: read back what there is. */
export async function writeOwners(namespacePath: string, before: Owners, after: Owners): Promise<void> {
  for (const text of ownerTexts(before, after)) await load(namespacePath, text);
}

/** What the agent has written, as it is there. Both families of a slot are written by one transaction: one of them tells. */
export async function readWritten(namespacePath: string): Promise<{ owners: Owners; ways: Ways }> {
  const owners = families.map((family) => [mapName("owner", family, "in"), mapName("owner", family, "out")]);
  const ways = (["next", "prev"] as const).map((map) => [mapName(map, 4, "in"), mapName(map, 4, "out")]);
  const listings = await listEach(namespacePath, "map", [...owners, ...ways].flat());
  const pairs = (lists: string[][], read: (listing: string) => Iterable<readonly [string, string]>) =>
    lists.map(([one = "", other = ""]) =>
      pairsOf(new Map(read(listings.get(one) ?? "")), new Map(read(listings.get(other) ?? ""))),
    );
  const [next = new Map(), prev = new Map()] = pairs(ways, slotsIn).map(
    (byText) => new Map([...byText].map(([slot, macs]) => [Number(slot), macs] as const)),
  );
  return { owners: new Map(pairs(owners, ownersIn).flatMap((found) => [...found])), ways: { next, prev } };
}

function pairsOf(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): Map<string, MacPair> {
  return new Map([...one].map(([key, mac]) => [key, { in: mac, out: other.get(key) ?? "" }]));
}

function ownersIn(listing: string): (readonly [string, string])[] {
  return [...flowsIn(listing)].flatMap(({ flow, mac }) =>
    mac === undefined ? [] : [[flowText(flow), mac] as const],
  );
}

/**
 * The flows that the shard knows: 20 µs of a core for each. Where some found no room in `known`, its function's are among them:
 * else nobody would wait for these when their slots change hands.
 */
export async function readKnown(namespacePath: string): Promise<Flow[]> {
  const ofEach = (set: "known" | "unrecorded") => families.map((family) => setName(set, family));
  const listings = await listEach(namespacePath, "set", [...ofEach("known"), ...ofEach("unrecorded")]);
  const known = ofEach("known").flatMap((set) =>
    [...flowsIn(listings.get(set) ?? "")].map(({ flow }) => flow),
  );
  const slots = ofEach("unrecorded").flatMap((set) => addressesIn(listings.get(set) ?? ""));
  if (slots.length === 0) return known;
  const tracked = await readTracked(namespacePath, slots);
  return [...new Map([...known, ...tracked].map((flow) => [flowText(flow), flow])).values()];
}

async function readTracked(namespacePath: string, slots: readonly string[]): Promise<Flow[]> {
  const own = families.map((family) => setName("self", family));
  const listings = await listEach(namespacePath, "set", own);
  const dumps = families.map((family) => `conntrack --dump --family ipv${family}`);
  return trackedFlows(await inside(namespacePath, ["sh", "-e", "-c", dumps.join("\n")]), {
    slots: new Set(slots.map((slot) => Number(parseAddress(slot).value))),
    self: new Set(own.flatMap((set) => addressesIn(listings.get(set) ?? ""))),
  });
}

/** By one shell, since an nft lists one thing a run. */
async function listEach(
  namespacePath: string,
  what: "set" | "map",
  names: readonly string[],
): Promise<Map<string, string>> {
  const script = names.map(
    (name) => `echo '@${name}'; nft --numeric list ${what} netdev ${shimTable} ${name}`,
  );
  const stdout = await inside(namespacePath, ["sh", "-e", "-c", script.join("\n")]);
  const parts = stdout.split(/^@(\S+)$/m).slice(1);
  return new Map(names.map((name) => [name, parts[parts.indexOf(name) + 1] ?? ""]));
}

async function load(namespacePath: string, text: string): Promise<void> {
  await nft(namespacePath, ["--file", "-"], text);
}

/** With numbers for protocols, ports and times. */
function nft(namespacePath: string, args: readonly string[], stdin = ""): Promise<string> {
  return inside(namespacePath, ["nft", "--numeric", ...args], stdin);
}

/** Throws with what nft says. */
async function inside(namespacePath: string, command: readonly string[], stdin = ""): Promise<string> {
  const argv = ["nsenter", `--net=${namespacePath}`, "--", ...command];
  const { code, stdout, stderr } = await runOnHost({ argv, stdin }, patienceMs);
  if (code !== 0) throw new WeftError("unavailable", `The shim in ${namespacePath}: ${stderr.trim()}.`);
  return stdout;
}
