/**
 * Scripts inside network namespaces, many at the cost of few processes: as many shells as there are cores, each of which
 * enters one namespace after the other. A script that fails concerns its own namespace alone.
 */
import { availableParallelism } from "node:os";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";

export interface InsideScript {
  /** As nsenter takes it. */
  readonly namespacePath: string;
  readonly script: string;
}

const patienceMs = 30_000;
const patienceEachMs = 100;
const end = "END-OF-NAMESPACE";

/** What each of them failed with, in their order; undefined where all went well. */
export async function runInNamespaces(work: readonly InsideScript[]): Promise<(Error | undefined)[]> {
  const outcomes: (Error | undefined)[] = work.map(() => undefined);
  const shells = Math.min(availableParallelism(), work.length);
  const shares = Array.from({ length: shells }, (_, shell) =>
    work.flatMap((each, index) => (index % shells === shell ? [{ ...each, index }] : [])),
  );
  await Promise.all(
    shares.map(async (share) => {
      const failures = await runShare(share);
      for (const { index } of share) outcomes[index] = failures.get(index);
    }),
  );
  return outcomes;
}

/** Throws with what the script said when it fails. */
export async function runInNamespace(namespacePath: string, script: string): Promise<void> {
  const [failure] = await runInNamespaces([{ namespacePath, script }]);
  if (failure !== undefined) throw failure;
}

async function runShare(
  share: readonly (InsideScript & { readonly index: number })[],
): Promise<Map<number, Error>> {
  const { stdout } = await runOnHost(
    { argv: ["sh"], stdin: share.map(entry).join("") },
    patienceMs + share.length * patienceEachMs,
  );
  const said = endingsIn(stdout);
  return new Map(
    share.flatMap(({ index }) => {
      const ending = said.get(index) ?? { failed: true, words: "it was not reached" };
      if (!ending.failed) return [];
      return [[index, new WeftError("unavailable", `Inside its namespace: ${ending.words}.`)] as const];
    }),
  );
}

function entry({ namespacePath, script, index }: InsideScript & { readonly index: number }): string {
  if (!/^[\w./-]+$/.test(namespacePath)) throw new WeftError("internal", `not a path: ${namespacePath}.`);
  const enter = `nsenter --net=${namespacePath} -- sh -e 2>&1`;
  return `${enter} <<'${end}' && echo 'weft-done ${index}' || echo 'weft-failed ${index}'\n${script}\n${end}\n`;
}

interface Ending {
  readonly failed: boolean;
  readonly words: string;
}

/** A script's words come before the line that tells how it ended. */
export function endingsIn(stdout: string): Map<number, Ending> {
  const endings = new Map<number, Ending>();
  let words: string[] = [];
  for (const line of stdout.split("\n")) {
    const [, how, index] = /^weft-(done|failed) (\d+)$/.exec(line) ?? [];
    if (index === undefined) {
      if (line.trim() !== "") words.push(line.trim());
      continue;
    }
    endings.set(Number(index), { failed: how === "failed", words: words.join("; ") });
    words = [];
  }
  return endings;
}
