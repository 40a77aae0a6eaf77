/**
 * Documents over REST: list, read, watch, put, patch and delete those of a tenant, one set of routes for each kind.
 * Reads the records; changes go through the intent relay.
 */
import type { StatusWorld } from "@weft/decide";
import { remainsOf, resourceOf } from "@weft/decide";
import type { Kind, Resource } from "@weft/schemas";
import { WeftError, intentKey, kindNames, kinds } from "@weft/schemas";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer, Idempotency } from "../edge/idempotency.ts";
import { Flag, readName, readQuery } from "../edge/query.ts";
import { oneDocument } from "../edge/yaml-body.ts";
import type { GatewayPorts } from "../ports.ts";
import { watch } from "../watch/watch.ts";
import type { IntentRelay } from "./intent-relay.ts";
import { ResourceChanges } from "./resource-changes.ts";

export interface ResourceRoutes {
  readonly ports: GatewayPorts;
  readonly relay: IntentRelay;
  readonly idempotency: Idempotency;
}

export function addResourceRoutes(app: FastifyInstance, parts: ResourceRoutes): void {
  for (const kind of kindNames) {
    addReads(app, kind, parts);
    addChanges(app, kind, parts);
  }
}

function addReads(app: FastifyInstance, kind: Kind, { ports: { records } }: ResourceRoutes): void {
  const all = `/v1/tenants/:tenant/${kinds[kind].plural}`;
  const list = async (request: FastifyRequest, reply: FastifyReply, tenant?: string) => {
    const look = (world: StatusWorld) => resourcesOf(world, kind, tenant);
    if (readQuery(request, { watch: Flag }).watch) return watch(reply, records, { look });
    return reply.send({ items: [...look(records.world()).values()] });
  };
  app.get(`/v1/${kinds[kind].plural}`, (request, reply) => list(request, reply));
  app.get(all, (request, reply) => list(request, reply, readName(request, "tenant")));
  app.get(`${all}/:name`, async (request, reply) => {
    const [tenant, name] = [readName(request, "tenant"), readName(request, "name")];
    const look = (world: StatusWorld) => oneResource(world, { kind, tenant, name });
    if (readQuery(request, { watch: Flag }).watch) return watch(reply, records, { look });
    const resource = look(records.world()).get(name);
    if (resource === undefined) throw new WeftError("not-found", `There is no ${kind} ${tenant}/${name}.`);
    return reply.header("etag", etagOf(resource)).send(resource);
  });
  app.get(`${all}/:name/remains`, async (request, reply) => {
    const [tenant, name] = [readName(request, "tenant"), readName(request, "name")];
    const look = (world: StatusWorld) => ({ remains: remainsOf(kind, tenant, name, world) });
    if (readQuery(request, { watch: Flag }).watch)
      return watch(reply, records, { look: (world) => new Map([[name, look(world)]]) });
    return reply.send(look(records.world()));
  });
}

function addChanges(app: FastifyInstance, kind: Kind, parts: ResourceRoutes): void {
  const one = `/v1/tenants/:tenant/${kinds[kind].plural}/:name`;
  const changes = new ResourceChanges(parts.relay, parts.ports.records);
  const route = (method: "PUT" | "PATCH" | "DELETE", change: (request: FastifyRequest) => Promise<Answer>) =>
    app.route({
      method,
      url: one,
      handler: (request, reply) => parts.idempotency.once(request, reply, () => change(request)),
    });
  const targetOf = (request: FastifyRequest) => ({
    kind,
    tenant: readName(request, "tenant"),
    name: readName(request, "name"),
    ifMatch: request.headers["if-match"],
    ifNoneMatch: request.headers["if-none-match"],
    dryRun: readQuery(request, { dryRun: Flag }).dryRun,
  });
  route("PUT", (request) => changes.put(targetOf(request), oneDocument(request.body)));
  route("PATCH", (request) => changes.patch(targetOf(request), oneDocument(request.body)));
  route("DELETE", (request) => changes.remove(targetOf(request)));
}

/** Of all tenants, where none is named. */
function resourcesOf(world: StatusWorld, kind: Kind, tenant?: string): Map<string, Resource> {
  const found: [string, Resource][] = [];
  for (const entry of world.intents.values()) {
    const { document } = entry.value;
    const { name, tenant: own = "" } = document.metadata;
    if (document.kind === kind && (tenant === undefined || own === tenant))
      found.push([`${own}/${name}`, resourceOf(entry, world)]);
  }
  return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

interface Name {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
}

function oneResource(world: StatusWorld, { kind, tenant, name }: Name): Map<string, Resource> {
  const entry = world.intents.get(intentKey(kind, tenant, name));
  return new Map(entry === undefined ? [] : [[name, resourceOf(entry, world)]]);
}

export function etagOf(resource: Resource): string {
  return `"${resource.metadata.revision}"`;
}
