/** Rows of the northbound database → the part of the network that is Weft's, in plain words. The way back is to-operations.ts. */
import type { ActualNetwork, ForeignPorts } from "@weft/decide";
import type { PolicyRow } from "./logical-router-policy.ts";
import { policyColumns, readPolicy } from "./logical-router-policy.ts";
import type { RouterPortRow } from "./logical-router-port.ts";
import { readRouterPort, routerPortColumns } from "./logical-router-port.ts";
import type { RouterRow } from "./logical-router.ts";
import { readRouter, routerColumns } from "./logical-router.ts";
import type { SwitchPortRow } from "./logical-switch-port.ts";
import { readSwitchPort, switchPortColumns } from "./logical-switch-port.ts";
import type { SwitchRow } from "./logical-switch.ts";
import { readSwitch, switchColumns } from "./logical-switch.ts";
import type { GlobalRow } from "./nb-global.ts";
import { globalColumns } from "./nb-global.ts";
import { ownerOf } from "./ownership.ts";
import { parentsOf } from "./parents.ts";

/** What to replicate of the northbound database. */
export const northboundWatch = {
  NB_Global: { columns: globalColumns },
  Logical_Switch: { columns: switchColumns },
  Logical_Switch_Port: { columns: switchPortColumns },
  Logical_Router: { columns: routerColumns },
  Logical_Router_Port: { columns: routerPortColumns },
  Logical_Router_Policy: { columns: policyColumns },
} as const;

export interface NorthboundRows {
  readonly NB_Global: readonly GlobalRow[];
  readonly Logical_Switch: readonly SwitchRow[];
  readonly Logical_Switch_Port: readonly SwitchPortRow[];
  readonly Logical_Router: readonly RouterRow[];
  readonly Logical_Router_Port: readonly RouterPortRow[];
  readonly Logical_Router_Policy: readonly PolicyRow[];
}

/** Ports that are not Weft's, which may bear a name that Weft needs. */
export function readForeignPorts(
  rows: Pick<NorthboundRows, "Logical_Switch_Port" | "Logical_Router_Port">,
): ForeignPorts {
  return new Map(
    (["Logical_Switch_Port", "Logical_Router_Port"] as const).flatMap((table) =>
      rows[table]
        .filter((row) => ownerOf(row.external_ids) === undefined)
        .map(({ name, _uuid: id }) => [name, { table, id }] as const),
    ),
  );
}

export function readNetwork(rows: NorthboundRows): ActualNetwork {
  const switchOf = parentsOf(rows.Logical_Switch, ({ ports }) => ports);
  const routerOf = parentsOf(rows.Logical_Router, ({ ports }) => ports);
  const policyRouterOf = parentsOf(rows.Logical_Router, ({ policies }) => policies);
  return {
    switches: rows.Logical_Switch.flatMap(readSwitch),
    switchPorts: rows.Logical_Switch_Port.flatMap((row) => readSwitchPort(row, switchOf.get(row._uuid))),
    routers: rows.Logical_Router.flatMap(readRouter),
    routerPorts: rows.Logical_Router_Port.flatMap((row) => readRouterPort(row, routerOf.get(row._uuid))),
    policies: rows.Logical_Router_Policy.flatMap((row) => readPolicy(row, policyRouterOf.get(row._uuid))),
  };
}
