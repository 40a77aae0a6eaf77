/**
 * The records by which hosts are admitted: weft_access as of now, and nodes, health, placements and realized as this copy
 * has them. Writes weft_access in one batch, and removes what a removed node that is silent left in weft_nodes and weft_realized.
 */
import type { Bus } from "@weft/bus";
import type { AccessSeen, AccessWrite, FarewellStep } from "@weft/decide";
import type { Clock, Signal } from "@weft/runtime";
import { reach } from "../reach.ts";

export interface AccessStore {
  /** Nothing that was committed to weft_access before the call is missing. */
  read(): Promise<AccessSeen>;
  /** As this copy has it. */
  look(): AccessSeen;
  readonly changed: readonly Signal[];
  /** All or none, each under its revision. Throws WeftError("conflict"): read again and decide again. */
  commit(writes: readonly AccessWrite[]): Promise<void>;
  remove(step: FarewellStep): Promise<void>;
}

const bucketOf = { removeRealized: "realized", removeNode: "nodes", forgetToken: "access" } as const;

export async function openAccessStore(bus: Bus, clock: Clock): Promise<AccessStore> {
  const access = await bus.view("access");
  const nodes = await bus.view("nodes");
  const health = await bus.view("health");
  const placements = await bus.view("placements");
  const realized = await bus.view("realized");
  const look = (): AccessSeen => ({
    access: access.entries(),
    nodes: nodes.entries(),
    health: health.entries(),
    placements: placements.entries(),
    realized: realized.entries(),
  });
  return {
    read: async () => {
      await reach(access, await bus.batch("access", []), clock);
      return look();
    },
    look,
    changed: [access, nodes, health, placements, realized].map((view) => view.changed),
    commit: async (writes) => {
      await bus.batch(
        "access",
        writes.map(({ key, record, ifRevision }) => ({ key, value: record, ifRevision })),
      );
    },
    remove: ({ kind, key, ifRevision }) => bus.remove(bucketOf[kind], key, { ifRevision }),
  };
}
