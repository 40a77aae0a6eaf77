/**
 * The steps from the network that is there to the one that is wanted. Rows are known by their key; a second row with the same
 * key, or one that nothing asks for, is deleted. Only rows that carry Weft's key are in ActualNetwork at all.
 */
import { isSameJson } from "../admit/canonical.ts";
import type { Actual, ActualNetwork, LogicalNetwork } from "./network.ts";
import type { NetworkStep } from "./step.ts";

interface Row {
  readonly key: string;
  readonly tenant: string;
}

interface Kinds<Wanted extends Row> {
  /** Name of the row that holds it. */
  readonly parent?: (row: Wanted) => string;
  readonly create: (row: Wanted, more: { parentId?: string; why: string }) => NetworkStep;
  /** Left out for rows that have nothing but their name: those are made anew. */
  readonly change?: (id: string, row: Wanted, why: string) => NetworkStep;
  readonly remove: (at: { id: string; key: string; parentId?: string; why: string }) => NetworkStep;
}

export function diffNetwork(wanted: LogicalNetwork, actual: ActualNetwork): NetworkStep[] {
  const switches = firstByKey(actual.switches, ({ name }) => name);
  const routers = firstByKey(actual.routers, ({ name }) => name);
  const steps = [
    ...diffRows(wanted.switches, actual.switches, {
      create: (row, more) => ({ kind: "createSwitch", row, ...more }),
      remove: (at) => ({ kind: "deleteSwitch", ...at }),
    }),
    ...diffRows(wanted.routers, actual.routers, {
      create: (row, more) => ({ kind: "createRouter", row, ...more }),
      remove: (at) => ({ kind: "deleteRouter", ...at }),
    }),
    ...diffRows(wanted.switchPorts, actual.switchPorts, {
      parent: (row) => row.switch,
      create: (row, more) => ({ kind: "createSwitchPort", row, ...parentIn(switches, row.switch), ...more }),
      change: (id, row, why) => ({ kind: "changeSwitchPort", id, row, why }),
      remove: (at) => ({ kind: "deleteSwitchPort", ...at }),
    }),
    ...diffRows(wanted.routerPorts, actual.routerPorts, {
      parent: (row) => row.router,
      create: (row, more) => ({ kind: "createRouterPort", row, ...parentIn(routers, row.router), ...more }),
      change: (id, row, why) => ({ kind: "changeRouterPort", id, row, why }),
      remove: (at) => ({ kind: "deleteRouterPort", ...at }),
    }),
    ...diffRows(wanted.policies, actual.policies, {
      parent: (row) => row.router,
      create: (row, more) => ({ kind: "createPolicy", row, ...parentIn(routers, row.router), ...more }),
      change: (id, row, why) => ({ kind: "changePolicy", id, row, why }),
      remove: (at) => ({ kind: "deletePolicy", ...at }),
    }),
  ];
  return steps;
}

function diffRows<Wanted extends Row>(
  wanted: readonly Wanted[],
  actual: readonly Actual<Wanted>[],
  kinds: Kinds<Wanted>,
): NetworkStep[] {
  const there = firstByKey(actual, ({ key }) => key);
  const asked = new Set(wanted.map(({ key }) => key));
  const surplus = actual.flatMap((row): NetworkStep[] => {
    if (!asked.has(row.key)) return [removal(kinds, row, "nothing asks for it any more")];
    return there.get(row.key) === row ? [] : [removal(kinds, row, "there is another with the same key")];
  });
  const missing = wanted.flatMap((row): NetworkStep[] => {
    const found = there.get(row.key);
    if (found === undefined) return [kinds.create(row, { why: "it is not there yet" })];
    const field = differingField(row, found);
    if (field === undefined) return [];
    const why = `its ${field} differs from what is wanted`;
    const moved = kinds.parent !== undefined && kinds.parent(row) !== kinds.parent(found);
    return kinds.change === undefined || moved
      ? [removal(kinds, found, why), kinds.create(row, { why })]
      : [kinds.change(found.id, row, why)];
  });
  return [...surplus, ...missing];
}

function removal<Wanted extends Row>(kinds: Kinds<Wanted>, row: Actual<Wanted>, why: string): NetworkStep {
  const { id, key, parentId } = row;
  return kinds.remove({ id, key, ...(parentId === undefined ? {} : { parentId }), why });
}

function differingField(wanted: object, found: object): string | undefined {
  return Object.entries(wanted).find(([field, value]) => !isSame(value, Reflect.get(found, field)))?.[0];
}

/** Most are the same in every look and bear no order that would have to be forgotten. */
function isSame(a: unknown, b: unknown): boolean {
  const areLists = Array.isArray(a) && Array.isArray(b);
  return a === b || (areLists && isSameJson(a, b)) || text(a) === text(b);
}

/** Lists are sets in OVN's tables, and its maps know no order. */
function text(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(String).toSorted());
  if (typeof value === "object" && value !== null)
    return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(value) ?? "";
}

/** Of several the one with the lowest UUID, so that the choice does not depend on the order of rows. */
function firstByKey<Row extends { readonly id: string }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const before = found.get(keyOf(row));
    if (before === undefined || row.id < before.id) found.set(keyOf(row), row);
  }
  return found;
}

function parentIn(
  parents: ReadonlyMap<string, { readonly id: string }>,
  name: string,
): { parentId?: string } {
  const parent = parents.get(name);
  return parent === undefined ? {} : { parentId: parent.id };
}
