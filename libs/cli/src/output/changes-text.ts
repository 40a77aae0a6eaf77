/** What became of each document of a request, a line each: network/inside created. Pure. */
import type { Accepted } from "@weft/schemas";
import { kindOf, kinds } from "@weft/schemas";

export function changesText({ documents }: Accepted, dryRun = false): string {
  return documents
    .map(({ kind, name, change }) => `${tokenOf(kind)}/${name} ${change}${dryRun ? " (dry run)" : ""}\n`)
    .join("");
}

function tokenOf(word: string): string {
  const kind = kindOf(word);
  return kind === undefined ? word.toLowerCase() : kinds[kind].token;
}
