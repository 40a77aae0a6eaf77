/** NB_Global and rows of the southbound database → how far OVN has followed, and which chassis has which port up. */
import type { PortBinding, Progress } from "@weft/decide";
import type { OvnSouthbound } from "@weft/ovsdb/generated";
import type { RowOf } from "@weft/ovsdb/notation";
import type { GlobalRow } from "./nb-global.ts";
import type { SouthboundGlobalRow } from "./sb-global.ts";
import { southboundGlobalColumns } from "./sb-global.ts";

const chassisColumns = ["name"] as const;
const privateColumns = ["name", "nb_cfg"] as const;
const bindingColumns = ["logical_port", "chassis", "up"] as const;

/** What to replicate of the southbound database. */
export const southboundWatch = {
  SB_Global: { columns: southboundGlobalColumns },
  Chassis: { columns: chassisColumns },
  Chassis_Private: { columns: privateColumns },
  Port_Binding: { columns: bindingColumns },
} as const;

export interface SouthboundRows {
  readonly SB_Global: readonly SouthboundGlobalRow[];
  readonly Chassis: readonly Pick<
    RowOf<OvnSouthbound, "Chassis">,
    "_uuid" | (typeof chassisColumns)[number]
  >[];
  readonly Chassis_Private: readonly Pick<
    RowOf<OvnSouthbound, "Chassis_Private">,
    "_uuid" | (typeof privateColumns)[number]
  >[];
  readonly Port_Binding: readonly Pick<
    RowOf<OvnSouthbound, "Port_Binding">,
    "_uuid" | (typeof bindingColumns)[number]
  >[];
}

export function readProgress(global: GlobalRow, rows: SouthboundRows): Progress {
  return {
    wanted: global.nb_cfg,
    compiled: global.sb_cfg,
    applied: new Map(rows.Chassis_Private.map(({ name, nb_cfg: cfg }) => [name, cfg])),
  };
}

export function readBindings(rows: SouthboundRows): Map<string, PortBinding> {
  const names = new Map<string, string>(rows.Chassis.map((row) => [row._uuid, row.name]));
  return new Map(
    rows.Port_Binding.map(({ logical_port: port, chassis, up }) => [
      port,
      { chassis: chassis === undefined ? undefined : names.get(chassis), up: up === true },
    ]),
  );
}
