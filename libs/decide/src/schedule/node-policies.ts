/** What operators want of nodes, by the node's name. Reads the intents; a node that no policy is about takes what comes. */
import type { IntentRecord } from "@weft/schemas";
import type { Records } from "./seen.ts";

export interface NodeWishes {
  /** Nothing new is placed on it. */
  readonly unschedulable: boolean;
  /** What can stand elsewhere moves there. */
  readonly drain: boolean;
}

const none: NodeWishes = { unschedulable: false, drain: false };

export function nodeWishes(intents: Records<IntentRecord>): (node: string) => NodeWishes {
  const wishes = new Map(
    [...intents.values()].flatMap(({ value: { document } }) => {
      if (document.kind !== "NodePolicy") return [];
      const { node, unschedulable, drain } = document.spec;
      return [[node, { unschedulable: unschedulable || drain, drain }] as const];
    }),
  );
  return (node) => wishes.get(node) ?? none;
}
