/**
 * Packet steering in front of the node's shards, put together: the shims, which are loaded by their shards' wiring and followed by
 * loops of their own, and the connections of replicated groups, which shims hand to whoever goes on with them.
 */
import type { AgentConfig } from "../config.ts";
import type { Inventory } from "../inventory.ts";
import type { AgentPorts } from "../ports.ts";
import { Replication } from "../replica/replication.ts";
import type { StoreMemory } from "../store-memory.ts";
import { FirstShims } from "./first-shims.ts";
import { GroupWorlds } from "./group-worlds.ts";
import { ShimRules } from "./shim-rules.ts";
import { keepShims } from "./shims.ts";
import type { Shims } from "./shims.ts";

export interface Steering {
  readonly shims: Shims;
  readonly firstShims: FirstShims;
  readonly replication: Replication;
}

export function steerPackets(
  config: AgentConfig,
  ports: AgentPorts,
  { inventory, memory }: { readonly inventory: Inventory; readonly memory: StoreMemory },
): Steering {
  const { node, shimFlows: limit } = config;
  const replication = new Replication({ node, ports, inventory, settings: config });
  const firstShims = new FirstShims();
  const worlds = new GroupWorlds(ports.views);
  const rules = new ShimRules(config);
  const shims = keepShims({
    node,
    ports,
    inventory,
    memory,
    replication,
    firstShims,
    worlds,
    rules,
    limit,
  });
  return { shims, firstShims, replication };
}
