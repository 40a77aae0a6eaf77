/**
 * A network is ready when the nodes have it at this generation, and one of them its physical segment where it has one.
 * Reads stitched, counts the workloads on it, and tells what each of the uplink's nodes says.
 */
import type { IntentRecord, Network, Uplink } from "@weft/schemas";
import { recordKey, uplinkKey } from "@weft/schemas";
import type { Standing } from "./standing.ts";
import { stitchedStanding } from "./stitched-standing.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export type NetworkIntent = StatusEntry<IntentRecord & { readonly document: Network }>;

export interface NetworkStatus {
  readonly standing: Standing;
  readonly fields: { readonly workloads: number; readonly uplink?: UplinkStatus };
}

export interface UplinkStatus {
  /** The node that connects the segment. */
  readonly active: string | null;
  readonly nodes: readonly { readonly node: string; readonly state: string; readonly message?: string }[];
}

export function networkStatus(intent: NetworkIntent, world: StatusWorld): NetworkStatus {
  const { tenant = "", name } = intent.value.document.metadata;
  const { uid, generation } = intent.value;
  let workloads = 0;
  for (const { value } of world.placements.values())
    if (value.kind === "workload" && value.tenant === tenant && !value.leaving)
      workloads += value.interfaces.some(({ segment }) => segment.name === name) ? 1 : 0;
  const { uplink } = intent.value.document.spec;
  return {
    standing: stitchedStanding(world, { kind: "network", tenant, name, uid, generation, since: intent.at }),
    fields: {
      workloads,
      ...(uplink === undefined ? {} : { uplink: uplinkStatus({ ...uplink, tenant, name }, world) }),
    },
  };
}

function uplinkStatus(
  { tenant, name, nodes }: Uplink & { readonly tenant: string; readonly name: string },
  world: StatusWorld,
): UplinkStatus {
  const placement = world.placements.get(recordKey("uplink", tenant, name))?.value;
  return {
    active: placement?.kind === "uplink" ? (placement.active?.node ?? null) : null,
    nodes: nodes.map((node) => {
      const made = world.realized.get(uplinkKey(tenant, name, node))?.value;
      const message =
        made?.fault?.message ?? (world.nodes.has(node) ? undefined : `there is no node ${node}`);
      return { node, state: made?.state ?? "pending", ...(message === undefined ? {} : { message }) };
    }),
  };
}
