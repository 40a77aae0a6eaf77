/**
 * SB_Global: one row that northd makes. Weft keeps in its external_ids, which northd leaves alone, the epoch of the stitcher that
 * leads, as in NB_Global: a transaction sees one database only, so the northbound epoch cannot hold back a southbound one.
 */
import { OvnSouthbound } from "@weft/ovsdb/generated";
import type { Operation, RowOf } from "@weft/ovsdb/notation";
import { database } from "@weft/ovsdb/notation";
import { epochKey } from "./nb-global.ts";

const southbound = database(OvnSouthbound);
export const southboundGlobalColumns = ["external_ids"] as const;
export type SouthboundGlobalRow = Pick<
  RowOf<OvnSouthbound, "SB_Global">,
  "_uuid" | (typeof southboundGlobalColumns)[number]
>;

/** Makes a transaction fail ("timed out") unless this epoch is still the latest. Stands first in every one. */
export function fenceSouthbound(epoch: number): Operation {
  return southbound.wait("SB_Global", [["external_ids", "includes", { [epochKey]: String(epoch) }]], {
    until: "!=",
    rows: [],
    columns: ["_uuid"],
  });
}

/** Takes over from an earlier leader: fails when external_ids are no longer those that were seen. */
export function claimSouthbound(row: SouthboundGlobalRow, epoch: number): Operation[] {
  return [
    southbound.wait("SB_Global", [["external_ids", "==", row.external_ids]], {
      until: "!=",
      rows: [],
      columns: ["_uuid"],
    }),
    southbound.mutate("SB_Global", row._uuid, [
      ["external_ids", "delete", [epochKey]],
      ["external_ids", "insert", { [epochKey]: String(epoch) }],
    ]),
  ];
}
