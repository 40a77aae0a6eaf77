/** What `get` shows of each kind: how it is loaded, how it is watched, and its columns. */
import type { WatchEvent, WeftClient } from "@weft/client";
import type { HandoffRow, Kind, ServiceRow, SlotsView } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import {
  functionColumns,
  handoffColumns,
  nodeColumns,
  resourceColumns,
  serviceColumns,
  shardColumns,
  slotColumns,
  documentTenant,
  shardTenant,
  slotShares,
} from "../output/columns.ts";
import type { Column } from "../output/table.ts";
import type { AnyKind, RowKind } from "../target.ts";
import { UsageError } from "../usage-error.ts";

/** Rows are read by the columns beside them alone. */
export interface View {
  readonly columns: readonly Column<unknown>[];
  load(): Promise<{ readonly value: unknown; readonly rows: readonly unknown[] }>;
  /** Its changes, with the columns for them; absent where nothing tells of changes. */
  readonly watch?: {
    readonly columns: readonly Column<unknown>[];
    changes(): AsyncIterable<WatchEvent<unknown>>;
  };
}

interface Asked {
  readonly tenant: string;
  readonly name: string | undefined;
}

export function viewOf(client: WeftClient, { kind, ...asked }: Asked & { readonly kind: AnyKind }): View {
  return "document" in kind ? documentView(client, kind.document, asked) : rowView(client, kind.rows, asked);
}

/** Lists with the tenant in front, of what has one. */
export function allTenantsView(
  client: WeftClient,
  { kind, name }: { readonly kind: AnyKind; readonly name: string | undefined },
): View {
  if (name !== undefined) throw new UsageError("a name belongs to one tenant: --all-tenants lists");
  if ("document" in kind) {
    const columns = [documentTenant, ...resourceColumns[kind.document]];
    return {
      columns,
      load: async () => many(await client.list(kind.document)),
      watch: { columns, changes: () => client.watch(kind.document) },
    };
  }
  if (kind.rows !== "shards")
    throw new UsageError(`--all-tenants lists documents and shards, not ${kind.rows}`);
  const columns = [shardTenant, ...shardColumns];
  return {
    columns,
    load: async () => many(await client.shards()),
    watch: { columns, changes: () => client.watchShards() },
  };
}

function documentView(client: WeftClient, kind: Kind, { tenant, name }: Asked): View {
  const columns = resourceColumns[kind];
  return {
    columns,
    load: async () =>
      name === undefined ? many(await client.list(kind, tenant)) : one(await client.get(kind, tenant, name)),
    watch: { columns, changes: () => client.watch(kind, tenant, name) },
  };
}

function rowView(client: WeftClient, kind: RowKind, asked: Asked): View {
  const { tenant, name } = asked;
  switch (kind) {
    case "shards":
      return {
        columns: shardColumns,
        load: async () =>
          name === undefined ? many(await client.shards(tenant)) : one(await client.shard(tenant, name)),
        watch: { columns: shardColumns, changes: () => named(client.watchShards(tenant), name) },
      };
    case "nodes":
      return {
        columns: nodeColumns,
        load: async () => (name === undefined ? many(await client.nodes()) : one(await client.node(name))),
        watch: { columns: nodeColumns, changes: () => named(client.watchNodes(), name) },
      };
    case "slots":
      return slotsView(client, asked);
    case "handoffs":
      return {
        columns: handoffColumns,
        load: async () => many(await handoffsOf(client, asked)),
        watch: { columns: handoffColumns, changes: () => client.watchHandoffs(tenant) },
      };
    case "functions":
      return { columns: functionColumns, load: async () => pick("function", await client.functions(), name) };
    case "services":
      return {
        columns: serviceColumns,
        load: async () => copiesOf(await client.services(), name),
      };
  }
}

const slotsWatchColumns: readonly Column<SlotsView>[] = [
  { title: "version", cell: ({ version }) => String(version) },
  {
    title: "owners",
    cell: (view) =>
      slotShares(view)
        .map(({ shard, slots }) => `${shard}=${slots}`)
        .join(" "),
  },
];

function slotsView(client: WeftClient, { tenant, name }: Asked): View {
  if (name === undefined) throw new UsageError("slots are those of a function group: get slots fg/NAME");
  return {
    columns: slotColumns,
    load: async () => {
      const value = await client.slots(tenant, name);
      return { value, rows: slotShares(value) };
    },
    watch: { columns: slotsWatchColumns, changes: () => client.watchSlots(tenant, name) },
  };
}

function many(rows: readonly unknown[]) {
  return { value: rows, rows };
}

function one(row: unknown) {
  return { value: row, rows: [row] };
}

function pick(what: string, rows: readonly { readonly name: string }[], name: string | undefined) {
  if (name === undefined) return many(rows);
  const row = rows.find((each) => each.name === name);
  if (row === undefined) throw new WeftError("not-found", `There is no ${what} ${name}.`);
  return one(row);
}

/** A group that hands nothing over has none; one that is not there is refused. */
async function handoffsOf(client: WeftClient, { tenant, name }: Asked): Promise<HandoffRow[]> {
  const all = await client.handoffs(tenant);
  if (name === undefined) return all;
  const found = all.filter(({ functionGroup }) => functionGroup === name);
  if (found.length === 0) await client.get("FunctionGroup", tenant, name);
  return found;
}

/** Each copy of a service is a row. */
function copiesOf(rows: readonly ServiceRow[], name: string | undefined) {
  if (name === undefined) return many(rows);
  const found = rows.filter((row) => row.name === name);
  if (found.length === 0) throw new WeftError("not-found", `There is no service ${name}.`);
  return many(found);
}

async function* named<Row extends { readonly name: string }>(
  changes: AsyncIterable<WatchEvent<Row>>,
  name: string | undefined,
): AsyncGenerator<WatchEvent<Row>> {
  for await (const change of changes)
    if (change.type === "SYNCED" || name === undefined || change.item.name === name) yield change;
}
