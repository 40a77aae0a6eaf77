/**
 * Rows that are not Weft's but bear a name that Weft needs. OVN's database refuses a second port of a name, and with it the whole
 * transaction; a switch port and a router port of one name are let in, and northd then leaves one of them out without a word.
 * So what collides is left out before, with what hangs on it, and the rest goes on. Pure.
 */
import type { InstancePlacement, Segment } from "@weft/schemas";
import { routerPortName, segmentPortName, uplinkName } from "./names.ts";
import type { ActualNetwork, LogicalNetwork } from "./network.ts";
import { interfacesOf } from "./topology.ts";

export interface ForeignRow {
  readonly table: "Logical_Switch_Port" | "Logical_Router_Port";
  readonly id: string;
}
/** Ports without Weft's key, by name. */
export type ForeignPorts = ReadonlyMap<string, ForeignRow>;
/** The names that cannot be had, each with the row that bears it. */
export type TakenNames = ReadonlyMap<string, ForeignRow>;

export function takenNames(wanted: LogicalNetwork, foreign: ForeignPorts): TakenNames {
  const ports = foreign.size === 0 ? [] : [...wanted.switchPorts, ...wanted.routerPorts];
  return new Map(
    ports.flatMap(({ name }) => {
      const row = foreign.get(name);
      return row === undefined ? [] : [[name, row] as const];
    }),
  );
}

/**
 * A row of ours that is there under its name already stays, whatever came beside it: to take it away would mend nothing.
 * No cable of ours leads to a router port of somebody else.
 */
export function withoutTaken(
  wanted: LogicalNetwork,
  actual: ActualNetwork,
  taken: TakenNames,
): LogicalNetwork {
  if (taken.size === 0) return wanted;
  const own = new Set(
    [...actual.switchPorts, ...actual.routerPorts].map(({ key, name }) => `${key} ${name}`),
  );
  const isFree = ({ key, name }: { key: string; name: string }) =>
    !taken.has(name) || own.has(`${key} ${name}`);
  const routerPorts = wanted.routerPorts.filter(isFree);
  const leftOut = new Set(wanted.routerPorts.flatMap((row) => (isFree(row) ? [] : [row.name])));
  const switchPorts = wanted.switchPorts.filter(
    (row) => isFree(row) && !leftOut.has(row.options["router-port"] ?? ""),
  );
  return { ...wanted, switchPorts, routerPorts };
}

export interface Fault {
  readonly code: "row-in-the-way";
  readonly message: string;
}

/** What keeps a network, or a chain over these segments, from its ports. */
export function faultOfSegments(tenant: string, segments: readonly Segment[], taken: TakenNames) {
  return faultOf(taken.size === 0 ? [] : segments.flatMap((segment) => namesOf(tenant, segment)), taken);
}

export function faultOfInstance(placement: InstancePlacement, taken: TakenNames): Fault | undefined {
  if (taken.size === 0) return undefined;
  const { tenant } = placement;
  const names = interfacesOf(placement).flatMap(({ port, segment }) => [port, ...namesOf(tenant, segment)]);
  return faultOf(names, taken);
}

function namesOf(tenant: string, segment: Segment): string[] {
  const cable = [uplinkName(tenant, segment), routerPortName(tenant, segment)];
  return segment.kind === "network" ? [...cable, segmentPortName(tenant, segment.name)] : cable;
}

function faultOf(names: readonly string[], taken: TakenNames): Fault | undefined {
  const name = names.find((each) => taken.has(each));
  const row = name === undefined ? undefined : taken.get(name);
  if (row === undefined) return undefined;
  const message = `the row ${row.id} of ${row.table}, which is not Weft's, bears the name ${name} that is needed: rename or delete it`;
  return { code: "row-in-the-way", message };
}
