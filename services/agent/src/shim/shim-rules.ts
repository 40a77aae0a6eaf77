/**
 * Which rules belong in front of a shard: from its placement, its group's, what its function remembers and the agent's settings.
 * Asked in every round and by each wiring, so printed once for each record as it was read.
 */
import type { WantedShim } from "@weft/decide";
import { shimOf } from "@weft/decide";
import { functionOf } from "@weft/functions";
import type { GroupPlacement, ShardPlacement } from "@weft/schemas";
import type { AgentConfig } from "../config.ts";
import type { Ruleset } from "./ruleset/ruleset.ts";
import { shimRuleset } from "./ruleset/ruleset.ts";
import type { FlowTimeouts, ShimShape } from "./ruleset/shape.ts";
import { sideNames } from "./ruleset/shape.ts";

export type ShimSettings = Pick<
  AgentConfig,
  | "shimFlows"
  | "shimOpeningSeconds"
  | "shimEstablishedSeconds"
  | "shimClosingSeconds"
  | "shimDatagramSeconds"
  | "shimOtherSeconds"
>;

export class ShimRules {
  readonly #settings: ShimSettings;
  readonly #printed = new WeakMap<
    ShardPlacement,
    { readonly group: GroupPlacement; readonly rules: Ruleset }
  >();

  constructor(settings: ShimSettings) {
    this.#settings = settings;
  }

  of(shard: ShardPlacement, group: GroupPlacement): Ruleset {
    const known = this.#printed.get(shard);
    if (known?.group === group) return known.rules;
    const wanted = shimOf({ shard, group, shards: new Map(), slots: undefined });
    const rules = shimRuleset(shapeOf(shard, wanted, this.#settings));
    this.#printed.set(shard, { group, rules });
    return rules;
  }
}

export function shapeOf(
  shard: ShardPlacement,
  { affinity, own, routers }: Pick<WantedShim, "affinity" | "own" | "routers">,
  settings: ShimSettings,
): ShimShape {
  const { flows } = functionOf(shard);
  const segments = { in: "inner", out: "outer" } as const;
  const device = (side: "in" | "out") =>
    shard.interfaces.find(({ segment }) => segment.kind === segments[side])?.name ?? "";
  const self = [...shard.interfaces, shard.probe.inner, shard.probe.outer].flatMap(({ addresses }) =>
    addresses.map((address) => address.slice(0, address.indexOf("/"))),
  );
  return {
    affinity,
    rewrites: flows.rewrites,
    size: settings.shimFlows,
    timeouts: timeoutsOf(flows.seconds, settings),
    self: [...new Set(self)].toSorted(),
    sides: sideNames.map((name) => ({
      name,
      device: device(name),
      mac: own[name],
      routerMac: routers[name],
    })),
  };
}

/** A shim forgets no flow that the function still remembers. */
export function timeoutsOf(own: Omit<FlowTimeouts, "opening">, settings: ShimSettings): FlowTimeouts {
  return {
    opening: settings.shimOpeningSeconds,
    established: Math.max(settings.shimEstablishedSeconds, own.established),
    closing: Math.max(settings.shimClosingSeconds, own.closing),
    datagrams: Math.max(settings.shimDatagramSeconds, own.datagrams),
    others: Math.max(settings.shimOtherSeconds, own.others),
  };
}
