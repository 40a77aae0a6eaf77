/**
 * What nft says, read: its error messages as faults, its counters as numbers.
 * Pure. The shapes are those of nftables 1.0.6; a message of another shape becomes one fault on the whole.
 */
import type { Fault } from "@weft/schemas";
import { z } from "zod";
import type { Count } from "../network-function.ts";
import type { Line } from "./lines.ts";
import { pathAt } from "./lines.ts";

const errorPattern = /^[^\s:]+:(\d+):(\d+)-\d+: Error: (.*)$/;

/** Each `file:line:from-to: Error: words` as a fault at the place that the line was rendered from. */
export function faultsOfNft(stderr: string, lines: readonly Line[]): Fault[] {
  const faults = stderr.split("\n").flatMap((said) => {
    const [, lineNumber, column, words] = errorPattern.exec(said) ?? [];
    if (lineNumber === undefined || column === undefined || words === undefined) return [];
    const path = pathAt(lines, Number(lineNumber), Number(column)) ?? "";
    return [{ path, message: `nft says: ${words.trim()}` }];
  });
  if (faults.length > 0) return unique(faults);
  const words = stderr.trim().split("\n")[0];
  return [{ path: "", message: `nft says: ${words === undefined || words === "" ? "nothing" : words}` }];
}

/** A rule is rendered once for each address family, so nft says the same twice. */
function unique(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault])).values()];
}

const Listing = z.object({
  nftables: z.array(
    z
      .object({
        counter: z
          .object({ table: z.string(), name: z.string(), packets: z.number(), bytes: z.number() })
          .optional(),
      })
      .loose(),
  ),
});

/** Reads `nft -j list counters`: the named counters of one table. */
export function countersOfNft(stdout: string, table: string): Record<string, Count> {
  const { nftables } = Listing.parse(JSON.parse(stdout));
  const found = nftables.flatMap(({ counter }) => (counter?.table === table ? [counter] : []));
  return Object.fromEntries(found.map(({ name, packets, bytes }) => [name, { packets, bytes }]));
}
