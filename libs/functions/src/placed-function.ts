/**
 * The function of a shard as it was placed, and its configuration as its tool will read it there.
 * Read by the agent, which loads it, and by the gateway, which foretells what the agent would do.
 */
import type { ShardPlacement } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { functions } from "./catalogue.ts";
import type { NetworkFunction, RenderContext, RenderedConfig } from "./network-function.ts";

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

/** JSON that differs when what is to be loaded does; where it cannot be rendered, which loading it will then say, of the configuration itself. */
export function configText(placement: ShardPlacement): string {
  try {
    return JSON.stringify(renderedConfig(placement).text);
  } catch {
    const { config: refused, function: name } = placement;
    return JSON.stringify({ refused, function: name, context: renderContext(placement) });
  }
}

function renderContext({ networks, probe }: ShardPlacement): RenderContext {
  const bare = ({ addresses }: { readonly addresses: readonly string[] }) =>
    addresses.map((address) => address.split("/")[0] ?? "");
  return { networks, probe: { inner: bare(probe.inner), outer: bare(probe.outer) } };
}
