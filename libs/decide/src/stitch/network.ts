/**
 * The logical network in plain words: what stands in OVN's northbound database, without OVN's types.
 * `key` and `tenant` go into external_ids: a row without them is not Weft's and is never touched.
 */
interface Owned {
  readonly key: string;
  readonly tenant: string;
}

export interface LogicalSwitch extends Owned {
  readonly name: string;
}
export interface SwitchPort extends Owned {
  readonly name: string;
  /** Name of its switch. */
  readonly switch: string;
  readonly type: "" | "router" | "l2gateway";
  readonly addresses: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** VLAN of the frames on the cable, for the l2gateway's. */
  readonly tag: number | undefined;
}
export interface LogicalRouter extends Owned {
  readonly name: string;
}
export interface RouterPort extends Owned {
  readonly name: string;
  /** Name of its router. */
  readonly router: string;
  readonly mac: string;
  /** The router's addresses with prefix lengths. */
  readonly networks: readonly string[];
}
export interface RouterPolicy extends Owned {
  /** Name of its router. */
  readonly router: string;
  readonly priority: number;
  readonly match: string;
  readonly action: "allow" | "drop" | "reroute";
  readonly nexthops: readonly string[];
}

export interface LogicalNetwork {
  readonly switches: readonly LogicalSwitch[];
  readonly switchPorts: readonly SwitchPort[];
  readonly routers: readonly LogicalRouter[];
  readonly routerPorts: readonly RouterPort[];
  readonly policies: readonly RouterPolicy[];
}

/** A row that is there: its UUID, and that of the row that holds it, if any does. */
export type Actual<Row> = Row & { readonly id: string; readonly parentId?: string };

export interface ActualNetwork {
  readonly switches: readonly Actual<LogicalSwitch>[];
  readonly switchPorts: readonly Actual<SwitchPort>[];
  readonly routers: readonly Actual<LogicalRouter>[];
  readonly routerPorts: readonly Actual<RouterPort>[];
  readonly policies: readonly Actual<RouterPolicy>[];
}

export const emptyNetwork: ActualNetwork = {
  switches: [],
  switchPorts: [],
  routers: [],
  routerPorts: [],
  policies: [],
};
