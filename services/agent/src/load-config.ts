/**
 * Puts a shard's configuration in force: loaded as a whole in the shard's namespace or, when it is refused, not at all, so that
 * what was live stays live; only then, the first time, the way for packets is opened. The host's tools do it, by one shell
 * for all of it: entering the shard's container cost ten times as much (0.2 s, measured).
 */
import { runOnHost } from "@weft/drivers";
import type { Finished } from "@weft/drivers";
import { functionOf, renderedConfig } from "@weft/functions";
import type { RenderedConfig } from "@weft/functions";
import { WeftError } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { sysctlLines } from "./wiring/namespace-script.ts";

export interface LoadTarget {
  /** As nsenter takes it. */
  readonly namespacePath: string;
  /** True when packets may pass already: a configuration is live in this namespace. */
  readonly opened: boolean;
}

/** Told apart from the shell's own 126 and 127: there is no such tool here. */
const refused = 3;

/** Returns what the function's tool prints of the configuration that is in force now, line by line. */
export async function loadConfig(
  placement: ShardPlacement,
  { namespacePath, opened }: LoadTarget,
): Promise<string[]> {
  const rendered = renderedConfig(placement);
  const { sysctls, inForce } = functionOf(placement);
  // Shell words of the catalogue's own: the configuration, which has a user's words in it, comes on stdin.
  const script = [
    `${rendered.load.argv.join(" ")} || exit $(($? < 126 ? ${refused} : $?))`,
    ...(opened ? [] : ["set -e", ...sysctlLines(sysctls.live)]),
    inForce.argv.join(" "),
  ];
  const finished = await runOnHost({
    argv: ["nsenter", `--net=${namespacePath}`, "--", "sh", "-c", script.join("\n")],
    stdin: rendered.load.stdin ?? "",
  });
  refuseUnlessDone(finished, rendered);
  return finished.stdout.trimEnd().split("\n");
}

function refuseUnlessDone({ code, stderr }: Finished, rendered: RenderedConfig): void {
  if (code === 0) return;
  if (code !== refused) throw new WeftError("unavailable", `Inside its namespace: ${stderr.trim()}.`);
  throw new WeftError("config-refused", "The shard refuses its configuration.", {
    faults: rendered.explain(stderr),
  });
}
