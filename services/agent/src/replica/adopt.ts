/** Flows put into a shard's kernel as if it had seen them begin: into its connection tracking, and into what its shim knows. */
import { runOnHost } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import type { ShardPlacement, TrackedFlow } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { addKnown } from "../shim/shim-kernel.ts";
import { timeoutsOf } from "../shim/shim-rules.ts";
import type { ShimSettings } from "../shim/shim-rules.ts";
import { loadText, secondsOf } from "./conntrack-text.ts";

export interface AdoptOrder {
  readonly shard: ShardPlacement;
  readonly namespacePath: string;
  readonly flows: readonly TrackedFlow[];
  readonly settings: ShimSettings;
}

export async function adopt({ shard, namespacePath, flows, settings }: AdoptOrder): Promise<void> {
  const { tracked, flows: memory } = functionOf(shard);
  if (tracked === undefined || flows.length === 0) return;
  // It opens what it reads by a name, and a child's input here is a socket, which cannot be opened so.
  const load = ["sh", "-c", "cat | conntrack --load-file -"];
  const argv = ["nsenter", `--net=${namespacePath}`, "--", ...load];
  const { seconds } = memory;
  const { code, stderr } = await runOnHost({ argv, stdin: loadText(flows, { tracked, seconds }) });
  if (code !== 0) throw new WeftError("unavailable", `conntrack in ${namespacePath}: ${stderr.trim()}.`);
  const known = timeoutsOf(seconds, settings);
  await addKnown(
    namespacePath,
    flows.map(({ flow, state }) => ({ flow, seconds: secondsOf(state, known) })),
  );
}
