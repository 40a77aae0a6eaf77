/** Runs a program of the host to its end, and waits for conditions. A program that fails is an error with what it said. */
import { setTimeout as delay } from "node:timers/promises";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";

/** Resolves to what it printed. */
export async function run(argv: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await runOnHost({
    argv: [...argv],
    ...(stdin === undefined ? {} : { stdin }),
  });
  if (code === 0) return stdout;
  const said = `${stderr}${stdout}`.trim().split("\n").slice(-4).join("; ");
  throw new WeftError("unavailable", `${argv.slice(0, 4).join(" ")}: ${said}.`);
}

/** Whether it ends with 0; what it cannot be is no. */
export function succeeds(argv: readonly string[]): Promise<boolean> {
  return run(argv).then(
    () => true,
    () => false,
  );
}

export interface Waiting {
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the reader should know when the time has run out. */
  readonly explain?: () => string;
}

/** Looks until the condition gives a value other than undefined. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { withinMs, signal, explain }: Waiting,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new WeftError("timeout", `${what}: not within ${withinMs / 1000} s. ${explain?.() ?? ""}`.trim());
    await delay(100, undefined, signal === undefined ? {} : { signal });
  }
}
