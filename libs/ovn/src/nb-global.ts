/**
 * NB_Global: one row that everybody shares. Weft keeps the epoch of the stitcher that leads in its external_ids and counts
 * nb_cfg up with each round, so that northd and every chassis tell how far they have followed.
 */
import type { OvnNorthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { northbound } from "./northbound.ts";

export const epochKey = "weft-epoch";
export const storeKey = "weft-store";
export const globalColumns = ["nb_cfg", "sb_cfg", "external_ids"] as const;
export type GlobalRow = Pick<RowOf<OvnNorthbound, "NB_Global">, "_uuid" | (typeof globalColumns)[number]>;

/** The epoch of the stitcher that led last, in either database; 0 when none ever did. */
export function epochOf({ external_ids: ids }: Pick<GlobalRow, "external_ids">): number {
  const epoch = Number(ids[epochKey] ?? 0);
  return Number.isSafeInteger(epoch) ? epoch : 0;
}

/** Makes a transaction fail ("timed out") unless this epoch is still the latest. Stands first in every one. */
export function fence(epoch: number): Operation {
  return northbound.wait("NB_Global", [["external_ids", "includes", { [epochKey]: String(epoch) }]], {
    until: "!=",
    rows: [],
    columns: ["_uuid"],
  });
}

/** Takes over from an earlier leader: fails when external_ids are no longer those that were seen. */
export function claim(row: GlobalRow, epoch: number): Operation[] {
  return [
    northbound.wait("NB_Global", [["external_ids", "==", row.external_ids]], {
      until: "!=",
      rows: [],
      columns: ["_uuid"],
    }),
    northbound.mutate("NB_Global", row._uuid, [
      ["external_ids", "delete", [epochKey]],
      ["external_ids", "insert", { [epochKey]: String(epoch) }],
    ]),
  ];
}

/** The store of records that the rows were written from; undefined when none was written down. */
export function storeOf({ external_ids: ids }: GlobalRow): string | undefined {
  return ids[storeKey];
}

export function rememberStore(store: string): Operation {
  return northbound.mutate(
    "NB_Global",
    [],
    [
      ["external_ids", "delete", [storeKey]],
      ["external_ids", "insert", { [storeKey]: store }],
    ],
  );
}

export function countUp(): Operation {
  return northbound.mutate("NB_Global", [], [["nb_cfg", "+=", 1]]);
}
