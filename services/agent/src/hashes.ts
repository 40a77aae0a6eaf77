/** Texts that stand for what a placement wants: two that are equal mean that nothing has to be done. */
import { createHash } from "node:crypto";
import { functions } from "@weft/functions";
import type { NetworkFunction, RenderContext, RenderedConfig } from "@weft/functions";
import type { SeenPlacement } from "@weft/decide";
import { WeftError } from "@weft/schemas";
import type { InstancePlacement, ShardPlacement } from "@weft/schemas";

export function wantedOf(placement: InstancePlacement): SeenPlacement["wanted"] {
  const { runtime, image, resources, interfaces, routes } = placement;
  const probe = placement.kind === "shard" ? placement.probe : undefined;
  const wiring = hash({ interfaces, routes, probe, bandwidth: resources.bandwidth });
  const { cpu, memory } = resources;
  const run = placement.kind === "shard" ? placement.function : placement.command;
  const spec = hash({ runtime, image, cpu, memory, run });
  return { spec, wiring, ...(placement.kind === "shard" ? { config: configHash(placement) } : {}) };
}

/** Throws WeftError("not-found") for a function that this version does not know. */
export function functionOf(placement: ShardPlacement): NetworkFunction {
  const found = functions.get(placement.function);
  if (found === undefined)
    throw new WeftError("not-found", `There is no function "${placement.function}" in this version.`);
  return found;
}

/** Throws WeftError("config-refused") with the faults. */
export function renderedConfig(placement: ShardPlacement): RenderedConfig {
  return functionOf(placement).render(placement.config, renderContext(placement));
}

/** Of the rendered text; of the configuration itself where it cannot be rendered, which loading it will then say. */
function configHash(placement: ShardPlacement): string {
  try {
    return hash(renderedConfig(placement).text);
  } catch {
    return hash({
      refused: placement.config,
      function: placement.function,
      context: renderContext(placement),
    });
  }
}

function renderContext({ networks, probe }: ShardPlacement): RenderContext {
  const bare = ({ addresses }: { readonly addresses: readonly string[] }) =>
    addresses.map((address) => address.split("/")[0] ?? "");
  return { networks, probe: { inner: bare(probe.inner), outer: bare(probe.outer) } };
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
