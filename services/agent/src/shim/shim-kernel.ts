/**
 * The shims in the kernel: rules and maps written, sets read back, one nft for each action on a shard.
 * nft 1.0.6 lists one set a run, and reads every set that its answer could touch: 100,000 flows take it two seconds. Chains
 * alone, a single small map and all writing stay at a few milliseconds, whatever `known` holds.
 */
import type { MacPair } from "@weft/decide";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import type { Flow } from "@weft/schemas";
import { ownerTexts, waysText } from "./elements.ts";
import type { Ways } from "./elements.ts";
import type { Owners } from "./entries.ts";
import { flowText, flowsIn } from "./flow-text.ts";
import type { Ruleset } from "./ruleset/ruleset.ts";
import { isMark } from "./ruleset/ruleset.ts";
import { families, mapName, setName, shimTable } from "./ruleset/shape.ts";
import type { ShimShape } from "./ruleset/shape.ts";

/** 100,000 flows on a busy machine. */
const patienceMs = 60_000;

export interface SeenRules {
  /** Of the rules that were loaded last; undefined: there is no table, or not ours. */
  readonly mark: string | undefined;
  /** Interfaces that packets come in by through these rules. */
  readonly devices: readonly string[];
}

/** Costs a few milliseconds: chains are listed without a look into any set. */
export async function seenRules(namespacePath: string): Promise<SeenRules> {
  return rulesIn(await nft(namespacePath, ["list", "chains", "netdev"]));
}

/** Reads `nft list chains`. A device that is gone has taken its hook along. */
export function rulesIn(listing: string): SeenRules {
  const own = new RegExp(`^table netdev ${shimTable} {\n([^]*?)^}`, "m").exec(listing)?.[1] ?? "";
  const chains = [...own.matchAll(/^\s*chain (\S+) {/gm)].map(([, name = ""]) => name);
  const devices = [...own.matchAll(/hook ingress devices? (?:= )?{? ?"([^"]+)"/g)].map(
    ([, device = ""]) => device,
  );
  return { mark: chains.find(isMark), devices: devices.toSorted() };
}

/** One transaction; `before` is what an earlier look saw. */
export async function loadRules(namespacePath: string, rules: Ruleset, before: SeenRules): Promise<void> {
  const stale = before.mark === undefined || before.mark === rules.mark ? "" : deletedChain(before.mark);
  await load(namespacePath, rules.text + stale);
}

function deletedChain(name: string): string {
  return `delete chain netdev ${shimTable} ${name}\n`;
}

export async function writeWays(
  namespacePath: string,
  ways: Ways,
  { affinity }: Pick<ShimShape, "affinity">,
): Promise<void> {
  await load(namespacePath, waysText(ways, affinity));
}

/** `before` must be what the maps hold. A batch that fails leaves those ahead of it done: read back what there is. */
export async function writeOwners(namespacePath: string, before: Owners, after: Owners): Promise<void> {
  for (const text of ownerTexts(before, after)) await load(namespacePath, text);
}

export async function readOwners(namespacePath: string): Promise<Owners> {
  const found = new Map<string, MacPair>();
  for (const family of families) {
    const out = new Map<string, string>();
    for (const { flow, mac } of flowsIn(await listMap(namespacePath, mapName("owner", family, "out"))))
      if (mac !== undefined) out.set(flowText(flow), mac);
    for (const { flow, mac } of flowsIn(await listMap(namespacePath, mapName("owner", family, "in")))) {
      const key = flowText(flow);
      if (mac !== undefined) found.set(key, { in: mac, out: out.get(key) ?? "" });
    }
  }
  return found;
}

/** The flows that the shard knows: 20 µs of a core for each. */
export async function readKnown(namespacePath: string): Promise<Flow[]> {
  const flows: Flow[] = [];
  for (const family of families) {
    const listing = await nft(namespacePath, ["list", "set", "netdev", shimTable, setName("known", family)]);
    for (const { flow } of flowsIn(listing)) flows.push(flow);
  }
  return flows;
}

function listMap(namespacePath: string, map: string): Promise<string> {
  return nft(namespacePath, ["list", "map", "netdev", shimTable, map]);
}

async function load(namespacePath: string, text: string): Promise<void> {
  await nft(namespacePath, ["--file", "-"], text);
}

/** With numbers for protocols, ports and times. Throws with what nft says. */
async function nft(namespacePath: string, args: readonly string[], stdin = ""): Promise<string> {
  const argv = ["nsenter", `--net=${namespacePath}`, "--", "nft", "--numeric", ...args];
  const { code, stdout, stderr } = await runOnHost({ argv, stdin }, patienceMs);
  if (code !== 0) throw new WeftError("unavailable", `The shim in ${namespacePath}: ${stderr.trim()}.`);
  return stdout;
}
