/**
 * Uplinks: for each network that has one, which of its nodes connects the physical segment.
 * The node that has it keeps it while it can, so that the segment does not move back and forth; a node can when its agent
 * has made the bridge ready, health does not call it lost, and nobody removed it. One that is drained is the last choice.
 */
import type { IntentRecord, Network, UplinkPlacement } from "@weft/schemas";
import { nodeHealthKey, recordKey, uplinkKey } from "@weft/schemas";
import { isNodeRemoved } from "../access/removed-nodes.ts";
import { isSameJson } from "../admit/canonical.ts";
import { nodeWishes } from "./node-policies.ts";
import type { Found, ScheduleSeen } from "./seen.ts";
import { sortedByKey } from "./seen.ts";
import type { ScheduleStep } from "./step.ts";

export function decideUplinks(seen: ScheduleSeen): ScheduleStep[] {
  const wanted = new Map(
    sortedByKey(seen.intents).flatMap(([, found]) => {
      const placement = uplinkOf(found, seen);
      return placement === undefined
        ? []
        : [[recordKey("uplink", placement.tenant, placement.name), placement] as const];
    }),
  );
  return [...[...wanted].flatMap(([key, record]) => write(key, record, seen)), ...unwanted(wanted, seen)];
}

function write(key: string, record: UplinkPlacement, { placements }: ScheduleSeen): ScheduleStep[] {
  const found = placements.get(key);
  if (found === undefined)
    return [{ kind: "placeUplink", key, record, why: "its network has a physical segment" }];
  if (found.value.kind !== "uplink" || isSameJson(found.value, record)) return [];
  const moved = found.value.active?.node !== record.active?.node;
  const why = moved
    ? `${record.active?.node ?? "no node"} shall connect it`
    : "the network's uplink or the nodes for it changed";
  return [{ kind: "changePlacement", key, record, ifRevision: found.revision, why }];
}

function unwanted(
  wanted: ReadonlyMap<string, UplinkPlacement>,
  { placements }: ScheduleSeen,
): ScheduleStep[] {
  return sortedByKey(placements).flatMap(([key, { value, revision }]): ScheduleStep[] =>
    value.kind === "uplink" && !wanted.has(key)
      ? [{ kind: "forget", key, ifRevision: revision, why: "no network asks for it any more" }]
      : [],
  );
}

function uplinkOf(
  { value: intent, revision }: Found<IntentRecord>,
  seen: ScheduleSeen,
): UplinkPlacement | undefined {
  const { document } = intent;
  if (document.kind !== "Network" || document.spec.uplink === undefined) return undefined;
  const { tenant = "", name } = document.metadata;
  const { interface: link, vlan, nodes } = document.spec.uplink;
  const before = seen.placements.get(recordKey("uplink", tenant, name))?.value;
  const current = before?.kind === "uplink" && before.interface === link ? before : undefined;
  return {
    kind: "uplink",
    tenant,
    name,
    intentUid: intent.uid,
    intentRevision: revision,
    generation: intent.generation,
    interface: link,
    ...(vlan === undefined ? {} : { vlan }),
    physicalNetwork: `weft-${link}`,
    // An agent that winds down lets go of the cable, which another node may have too.
    nodes: nodes.filter((node) => !isNodeRemoved(node, seen.access)),
    active: activeNode({ ...intent, document }, current?.active?.node, seen),
  };
}

/** With no node that can, the last one stays: a node that is only silent still forwards. */
function activeNode(
  intent: IntentRecord & { readonly document: Network },
  current: string | undefined,
  seen: ScheduleSeen,
): UplinkPlacement["active"] {
  const nodes = intent.document.spec.uplink?.nodes ?? [];
  const wishesOf = nodeWishes(seen.intents);
  const all = nodes.filter((node) => canConnect(intent, node, seen));
  const open = all.filter((node) => !wishesOf(node).drain);
  const able = open.length > 0 ? open : all;
  const staying = current !== undefined && nodes.includes(current) && !isNodeRemoved(current, seen.access);
  const kept = staying ? current : undefined;
  const node = kept !== undefined && able.includes(kept) ? kept : (able[0] ?? kept);
  const chassis = node === undefined ? undefined : seen.nodes.get(node)?.value.chassis;
  return node === undefined || chassis === undefined ? null : { node, chassis };
}

function canConnect(
  { uid, document }: IntentRecord & { readonly document: Network },
  node: string,
  { realized, health, nodes, access }: ScheduleSeen,
): boolean {
  const { tenant = "", name } = document.metadata;
  const made = realized.get(uplinkKey(tenant, name, node))?.value;
  const verdict = health.get(nodeHealthKey(node))?.value;
  const lost = verdict?.kind === "node" && verdict.state === "lost";
  return (
    nodes.has(node) &&
    !isNodeRemoved(node, access) &&
    !lost &&
    made?.placementUid === uid &&
    made.state === "running"
  );
}
