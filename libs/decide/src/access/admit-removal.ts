/**
 * May a node be removed? One that is alive and carries something only when that is wanted all the same.
 * Pure; what follows from the record is the scheduler's, the stitcher's and the agent's.
 */
import type { NodeAccessRecord, PlacementRecord } from "@weft/schemas";
import { WeftError, nodeAccessKey } from "@weft/schemas";
import { sortedByKey } from "../schedule/seen.ts";
import { isSilent } from "./removed-nodes.ts";
import type { AccessSeen, AccessWrite } from "./seen.ts";

export interface Removal {
  /** None when it is removed already. */
  readonly write: AccessWrite | undefined;
  /** tenant/kind/name of what stands there. */
  readonly carried: readonly string[];
}

/** Throws WeftError: not-found, in-use. */
export function admitRemoval(
  wish: { readonly name: string; readonly force: boolean },
  seen: AccessSeen,
  now: string,
): Removal {
  const { name, force } = wish;
  const key = nodeAccessKey(name);
  const found = seen.access.get(key);
  const before = found?.value.kind === "node" ? found.value : undefined;
  const member = before?.membership !== undefined && before.removedAt === undefined;
  if (!member && !seen.nodes.has(name)) throw new WeftError("not-found", `There is no node ${name}.`);
  const carried = carriedBy(name, seen);
  if (before?.removedAt !== undefined) return { write: undefined, carried };
  if (carried.length > 0 && !force && !isSilent(name, seen))
    throw new WeftError(
      "in-use",
      `The node ${name} is alive and carries ${carried.length} instances; with --force they move.`,
      { faults: carried.map((each) => ({ path: "name", message: `carries ${each}` })) },
    );
  const chassis = seen.nodes.get(name)?.value.chassis;
  const record: NodeAccessRecord = {
    ...before,
    kind: "node",
    node: name,
    ...(chassis === undefined ? {} : { chassis }),
    removedAt: now,
  };
  return { write: { key, record, ifRevision: found?.revision ?? 0 }, carried };
}

function carriedBy(node: string, { placements }: AccessSeen): string[] {
  return sortedByKey(placements)
    .map(([, { value }]) => value)
    .filter((value) => standsOn(value, node))
    .map(({ tenant, kind, name }) => `${tenant}/${kind}/${name}`);
}

/** A physical segment stands where it is connected. */
function standsOn(value: PlacementRecord, node: string): boolean {
  if (value.kind === "group") return false;
  return value.kind === "uplink" ? value.active?.node === node : value.node === node;
}
