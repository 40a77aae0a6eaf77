/**
 * Puts a shard's configuration in force: loaded as a whole inside the shard or, when it is refused, not at all, so that what
 * was live stays live; only then, the first time, the way for packets is opened.
 */
import type { Driver, Finished } from "@weft/drivers";
import { functionOf, renderedConfig } from "@weft/functions";
import type { RenderedConfig } from "@weft/functions";
import { WeftError } from "@weft/schemas";
import type { ShardPlacement } from "@weft/schemas";
import { sysctlLines } from "./wiring/namespace-script.ts";
import { runInNamespace } from "./wiring/in-namespaces.ts";

export interface LoadTarget {
  readonly driver: Driver;
  readonly namespacePath: string;
  /** True when packets may pass already: a configuration is live in this namespace. */
  readonly opened: boolean;
}

export async function loadConfig(placement: ShardPlacement, target: LoadTarget): Promise<void> {
  const rendered = renderedConfig(placement);
  const { uid } = placement;
  refuseUnlessDone(await target.driver.run(uid, rendered.load), rendered);
  if (!target.opened)
    await runInNamespace(target.namespacePath, sysctlLines(functionOf(placement).sysctls.live).join("\n"));
}

function refuseUnlessDone({ code, stderr }: Finished, rendered: RenderedConfig): void {
  if (code === 0) return;
  throw new WeftError("config-refused", "The shard refuses its configuration.", {
    faults: rendered.explain(stderr),
  });
}
