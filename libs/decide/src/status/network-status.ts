/** A network is ready when the nodes have it at this generation. Reads stitched, and counts the workloads on it. */
import type { IntentRecord, Network } from "@weft/schemas";
import type { Standing } from "./standing.ts";
import { stitchedStanding } from "./stitched-standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export type NetworkIntent = StatusEntry<IntentRecord & { readonly document: Network }>;

export interface NetworkStatus {
  readonly standing: Standing;
  readonly fields: { readonly workloads: number };
}

export function networkStatus(intent: NetworkIntent, world: StatusWorld): NetworkStatus {
  const { tenant = "", name } = intent.value.document.metadata;
  const { uid, generation } = intent.value;
  let workloads = 0;
  for (const { value } of world.placements.values())
    if (value.kind === "workload" && value.tenant === tenant && !value.leaving)
      workloads += value.interfaces.some(({ segment }) => segment.name === name) ? 1 : 0;
  return {
    standing: stitchedStanding(world, { kind: "network", tenant, name, uid, generation, since: intent.at }),
    fields: { workloads },
  };
}
