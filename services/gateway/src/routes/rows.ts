/** Lists of what is no document: shards, slots, handoffs and nodes from the records, functions from the catalogue, services from Consul. */
import type { StatusWorld } from "@weft/decide";
import { handoffRows, nodeRows, shardRows, slotsView } from "@weft/decide";
import { functions } from "@weft/functions";
import type { FunctionRow } from "@weft/schemas";
import { ShardRow, WeftError } from "@weft/schemas";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Flag, readName, readQuery } from "../edge/query.ts";
import type { GatewayPorts } from "../ports.ts";
import { watch } from "../watch/watch.ts";

interface RowList<Row> {
  readonly url: string;
  rows(world: StatusWorld, tenant: string): readonly Row[];
  key(row: Row): string;
  /** What of a row makes a watch tell it anew; left out: all of it. */
  readonly news?: (row: unknown) => unknown;
  readonly tenanted: boolean;
}

/** Loads change with every sample: a watch tells them along with what else changes of the shard. */
function withoutLoad(row: unknown): unknown {
  const { flows: _, bitsPerSecond: _bits, cpu: _cpu, memory: _memory, ...rest } = ShardRow.parse(row);
  return rest;
}

export function addRowRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  addList(app, ports, {
    url: "/v1/tenants/:tenant/shards",
    rows: (world, tenant) => shardRows(tenant, world, ports.loads.current()),
    key: ({ name }) => name,
    news: withoutLoad,
    tenanted: true,
  });
  addList(app, ports, {
    url: "/v1/shards",
    rows: (world) => tenantsOf(world).flatMap((tenant) => shardRows(tenant, world, ports.loads.current())),
    key: ({ tenant, name }) => `${tenant}/${name}`,
    news: withoutLoad,
    tenanted: false,
  });
  addList(app, ports, {
    url: "/v1/tenants/:tenant/handoffs",
    rows: (world, tenant) => handoffRows(tenant, world),
    key: ({ functionGroup, from, to, startedAt }) => `${functionGroup}/${from}/${to}/${startedAt}`,
    tenanted: true,
  });
  addList(app, ports, {
    url: "/v1/nodes",
    rows: (world) => nodeRows(world),
    key: ({ name }) => name,
    tenanted: false,
  });
  addOne(app, ports, {
    url: "/v1/tenants/:tenant/shards/:name",
    what: "shard",
    find: (world, tenant, name) =>
      shardRows(tenant, world, ports.loads.current()).find((row) => row.name === name),
    news: withoutLoad,
    tenanted: true,
  });
  addOne(app, ports, {
    url: "/v1/nodes/:name",
    what: "node",
    find: (world, _tenant, name) => nodeRows(world).find((row) => row.name === name),
    tenanted: false,
  });
  addOne(app, ports, {
    url: "/v1/tenants/:tenant/slots/:name",
    what: "record of slots of the function group",
    find: (world, tenant, name) => slotsView(tenant, name, world),
    tenanted: true,
  });
  app.get("/v1/functions", async (request, reply) => {
    readQuery(request, {});
    return reply.send({ items: functionRows() });
  });
  app.get("/v1/services", async (request, reply) => {
    readQuery(request, {});
    return reply.send({ items: await ports.services.list() });
  });
}

function tenantsOf({ placements }: StatusWorld): string[] {
  const tenants = [...placements.values()].flatMap(({ value }) => ("tenant" in value ? [value.tenant] : []));
  return [...new Set(tenants)].toSorted((a, b) => (a < b ? -1 : 1));
}

function addList<Row>(app: FastifyInstance, { records }: GatewayPorts, list: RowList<Row>): void {
  app.get(list.url, async (request: FastifyRequest, reply: FastifyReply) => {
    const tenant = list.tenanted ? readName(request, "tenant") : "";
    if (readQuery(request, { watch: Flag }).watch)
      return watch(reply, records, {
        look: (world) => new Map(list.rows(world, tenant).map((row) => [list.key(row), row])),
        news: list.news,
      });
    return reply.send({ items: list.rows(records.world(), tenant) });
  });
}

interface OneRow {
  readonly url: string;
  readonly what: string;
  find(world: StatusWorld, tenant: string, name: string): unknown;
  readonly news?: (row: unknown) => unknown;
  readonly tenanted: boolean;
}

function addOne(app: FastifyInstance, { records }: GatewayPorts, one: OneRow): void {
  app.get(one.url, async (request: FastifyRequest, reply: FastifyReply) => {
    const tenant = one.tenanted ? readName(request, "tenant") : "";
    const name = readName(request, "name");
    if (readQuery(request, { watch: Flag }).watch)
      return watch(reply, records, {
        look: (world) => {
          const row = one.find(world, tenant, name);
          return new Map(row === undefined ? [] : [[name, row]]);
        },
        news: one.news,
      });
    const row = one.find(records.world(), tenant, name);
    if (row === undefined) throw new WeftError("not-found", `There is no ${one.what} ${name}.`);
    return reply.send(row);
  });
}

function functionRows(): FunctionRow[] {
  return [...functions.values()]
    .map(({ name, description, runtimes }) => ({ name, description, runtimes: [...runtimes] }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
