/** A document as read back: its frame, its spec, and its status told from all records. One kind, one file beside this. */
import type { Condition, IntentRecord, Resource } from "@weft/schemas";
import { defaultTenant } from "@weft/schemas";
import { chainStatus } from "./chain-status.ts";
import { groupStatus } from "./group-status.ts";
import { networkStatus } from "./network-status.ts";
import { nodePolicyStatus } from "./node-policy-status.ts";
import type { Standing } from "./standing.ts";
import { readyCondition } from "./standing.ts";
import { workloadStatus } from "./workload-status.ts";
import type { StatusEntry, StatusWorld } from "./world.ts";

export function resourceOf(intent: StatusEntry<IntentRecord>, world: StatusWorld): Resource {
  const { document, uid, generation, createdAt } = intent.value;
  const { name, tenant = defaultTenant, labels } = document.metadata;
  const { standing, fields, conditions = [] } = statusOf(intent, world);
  return {
    apiVersion: document.apiVersion,
    kind: document.kind,
    metadata: {
      name,
      tenant,
      ...(labels === undefined ? {} : { labels }),
      uid,
      generation,
      revision: intent.revision,
      createdAt,
    },
    spec: document.spec,
    status: { conditions: [readyCondition(standing), ...conditions], ...fields },
  };
}

function statusOf(
  intent: StatusEntry<IntentRecord>,
  world: StatusWorld,
): { standing: Standing; fields: object; conditions?: readonly Condition[] } {
  const { document } = intent.value;
  switch (document.kind) {
    case "Network":
      return networkStatus({ ...intent, value: { ...intent.value, document } }, world);
    case "Workload":
      return workloadStatus({ ...intent, value: { ...intent.value, document } }, world);
    case "FunctionGroup":
      return groupStatus({ ...intent, value: { ...intent.value, document } }, world);
    case "Chain":
      return chainStatus({ ...intent, value: { ...intent.value, document } }, world);
    case "NodePolicy":
      return nodePolicyStatus({ ...intent, value: { ...intent.value, document } }, world);
  }
}
