/**
 * A typed client of the gateway: every call of the REST API that has a use, with answers checked and refusals as WeftErrors.
 * Keeps no state but the server's address and token.
 */
import type {
  FunctionRow,
  JoinRequest,
  Kind,
  Resource,
  ServiceRow,
  SessionOpen,
  TokenRequest,
} from "@weft/schemas";
import {
  Accepted,
  HandoffRow,
  JoinToken,
  Joined,
  MemberView,
  NodeRemoved,
  NodeRow,
  ShardRow,
  SlotsView,
  TraceView,
  WeftError,
  WeftEvent,
} from "@weft/schemas";
import type { ExecSession } from "./exec-session.ts";
import { openExec } from "./exec-session.ts";
import { pathOf, scopeOf, segment } from "./paths.ts";
import { Requests } from "./requests.ts";
import { Remains, ResourceAnswer, checked, listOf, rowLists } from "./shapes.ts";
import type {
  Changing,
  EventOptions,
  LogOptions,
  Named,
  Thing,
  TracedFlow,
  WatchEvent,
} from "./client-types.ts";
import type { Call, Server } from "./transport.ts";
import { bodyOf, call } from "./transport.ts";

export class WeftClient {
  readonly #ask: Requests;

  constructor(server: Server) {
    this.#ask = new Requests(server);
  }

  /** A dry run changes nothing and answers with the steps that the services would take. */
  async apply(documents: readonly unknown[], options: Changing = {}): Promise<Accepted> {
    const query = queryOf(options);
    return checked(
      Accepted,
      await this.#ask.json("/v1/apply", { method: "POST", query, body: { documents } }),
    );
  }

  async get(kind: Kind, tenant: string, name: string): Promise<Resource> {
    return checked(ResourceAnswer, await this.#ask.json(pathOf(kind, tenant, name)));
  }

  /** Of all tenants, where none is named. */
  async list(kind: Kind, tenant?: string): Promise<Resource[]> {
    return checked(listOf(ResourceAnswer), await this.#ask.json(pathOf(kind, tenant))).items;
  }

  async remove(kind: Kind, tenant: string, name: string, options: Changing = {}): Promise<Accepted> {
    const query = queryOf(options);
    return checked(Accepted, await this.#ask.json(pathOf(kind, tenant, name), { method: "DELETE", query }));
  }

  /** All or none; what some of them need may be among them. */
  async removeAll(resources: readonly Named[], options: Changing = {}): Promise<Accepted> {
    const query = queryOf(options);
    return checked(
      Accepted,
      await this.#ask.json("/v1/delete", { method: "POST", query, body: { resources } }),
    );
  }

  /** RFC 7386 merge patch. */
  async patch(kind: Kind, tenant: string, name: string, patch: unknown): Promise<Resource> {
    const headers = { "content-type": "application/merge-patch+json" };
    const answer = await this.#ask.json(pathOf(kind, tenant, name), {
      method: "PATCH",
      body: patch,
      headers,
    });
    return checked(ResourceAnswer, answer);
  }

  scale(tenant: string, group: string, replicas: number): Promise<Resource> {
    return this.patch("FunctionGroup", tenant, group, { spec: { replicas } });
  }

  /** What a patch would make the services do. */
  async planPatch(kind: Kind, tenant: string, name: string, patch: unknown): Promise<Accepted> {
    const headers = { "content-type": "application/merge-patch+json" };
    const call = { method: "PATCH", body: patch, headers, query: { dryRun: true } } as const;
    return checked(Accepted, await this.#ask.json(pathOf(kind, tenant, name), call));
  }

  watch(
    kind: Kind,
    tenant?: string,
    name?: string,
    signal?: AbortSignal,
  ): AsyncGenerator<WatchEvent<Resource>> {
    return this.#ask.watch(pathOf(kind, tenant, name), ResourceAnswer, signal);
  }

  /** Resolves to the resource as soon as it is ready; at once, if it is. Rejects when it is not there or deleted meanwhile. */
  async ready(kind: Kind, tenant: string, name: string, signal?: AbortSignal): Promise<Resource> {
    for await (const event of this.watch(kind, tenant, name, signal)) {
      if ((event.type === "ADDED" || event.type === "MODIFIED") && isReady(event.item)) return event.item;
      if (event.type === "DELETED")
        throw new WeftError("not-found", `${kind} ${name} was deleted meanwhile.`);
      // The list came first: not ready is a state of what is there, so ask again whether it is.
      if (event.type === "SYNCED") await this.get(kind, tenant, name);
    }
    throw brokeOff();
  }

  /** Resolves as soon as nothing is left of it; at once, if nothing is. */
  async deleted(kind: Kind, tenant: string, name: string, signal?: AbortSignal): Promise<void> {
    const path = `${pathOf(kind, tenant, name)}/remains`;
    for await (const event of this.#ask.watch(path, Remains, signal))
      if (event.type !== "SYNCED" && event.item.remains.length === 0) return;
    throw brokeOff();
  }

  async remains(kind: Kind, tenant: string, name: string): Promise<string[]> {
    return checked(Remains, await this.#ask.json(`${pathOf(kind, tenant, name)}/remains`)).remains;
  }

  async shards(tenant?: string): Promise<ShardRow[]> {
    return checked(rowLists.shards, await this.#ask.json(`${scopeOf(tenant)}/shards`)).items;
  }
  async shard(tenant: string, name: string): Promise<ShardRow> {
    return checked(ShardRow, await this.#ask.json(`/v1/tenants/${segment(tenant)}/shards/${segment(name)}`));
  }
  watchShards(tenant?: string, signal?: AbortSignal): AsyncGenerator<WatchEvent<ShardRow>> {
    return this.#ask.watch(`${scopeOf(tenant)}/shards`, ShardRow, signal);
  }

  async slots(tenant: string, group: string): Promise<SlotsView> {
    return checked(SlotsView, await this.#ask.json(`/v1/tenants/${segment(tenant)}/slots/${segment(group)}`));
  }
  watchSlots(tenant: string, group: string, signal?: AbortSignal): AsyncGenerator<WatchEvent<SlotsView>> {
    return this.#ask.watch(`/v1/tenants/${segment(tenant)}/slots/${segment(group)}`, SlotsView, signal);
  }

  async handoffs(tenant: string): Promise<HandoffRow[]> {
    return checked(rowLists.handoffs, await this.#ask.json(`/v1/tenants/${segment(tenant)}/handoffs`)).items;
  }
  watchHandoffs(tenant: string, signal?: AbortSignal): AsyncGenerator<WatchEvent<HandoffRow>> {
    return this.#ask.watch(`/v1/tenants/${segment(tenant)}/handoffs`, HandoffRow, signal);
  }

  /** By which shards a flow goes, both ways; ends are `workload/NAME` or addresses. */
  async trace(tenant: string, asked: TracedFlow): Promise<TraceView> {
    const path = `/v1/tenants/${segment(tenant)}/trace`;
    return checked(TraceView, await this.#ask.json(path, { query: { ...asked } }));
  }

  async nodes(): Promise<NodeRow[]> {
    return checked(rowLists.nodes, await this.#ask.json("/v1/nodes")).items;
  }
  async node(name: string): Promise<NodeRow> {
    return checked(NodeRow, await this.#ask.json(`/v1/nodes/${segment(name)}`));
  }
  watchNodes(signal?: AbortSignal): AsyncGenerator<WatchEvent<NodeRow>> {
    return this.#ask.watch("/v1/nodes", NodeRow, signal);
  }

  /** Resolves to the row as soon as nothing is left on the node that must move. Rejects when there is no such node. */
  async drained(name: string, signal?: AbortSignal): Promise<NodeRow> {
    for await (const event of this.watchNodes(signal)) {
      if (event.type === "SYNCED") await this.node(name);
      else if (event.type !== "DELETED" && event.item.name === name && isDrained(event.item))
        return event.item;
    }
    throw brokeOff();
  }

  /** A token by which one host joins, once. */
  async nodeToken(asked: TokenRequest = {}): Promise<JoinToken> {
    return checked(JoinToken, await this.#ask.json("/v1/nodes/tokens", { method: "POST", body: asked }));
  }
  /** Resolves once it is written down; the node is gone when `nodes` shows it no more. */
  async removeNode(name: string, { force = false }: { readonly force?: boolean } = {}): Promise<NodeRemoved> {
    const options = { method: "DELETE", query: { force } } as const;
    return checked(NodeRemoved, await this.#ask.json(`/v1/nodes/${segment(name)}`, options));
  }

  /** Of a host that has a join token and nothing else. */
  async join(request: JoinRequest): Promise<Joined> {
    return checked(Joined, await this.#ask.json("/v1/join", { method: "POST", body: request }));
  }
  /** What a node reads of itself; wants the node's credential for a token. */
  async member(): Promise<MemberView> {
    return checked(MemberView, await this.#ask.json("/v1/member"));
  }
  /** The node leaves; likewise. */
  async leave(): Promise<NodeRemoved> {
    return checked(NodeRemoved, await this.#ask.json("/v1/member", { method: "DELETE" }));
  }

  async functions(): Promise<FunctionRow[]> {
    return checked(rowLists.functions, await this.#ask.json("/v1/functions")).items;
  }
  async services(): Promise<ServiceRow[]> {
    return checked(rowLists.services, await this.#ask.json("/v1/services")).items;
  }

  /** Those that have been, newest last. */
  async events(options: EventOptions = {}): Promise<WeftEvent[]> {
    return checked(listOf(WeftEvent), await this.#ask.json("/v1/events", { query: { ...options } })).items;
  }

  /** Those that have been, then each as it comes. */
  followEvents(options: EventOptions = {}, signal?: AbortSignal): AsyncGenerator<WeftEvent> {
    return this.#ask.events({ ...options, follow: true }, signal);
  }

  async *logs({ kind, tenant, name }: Thing, options: LogOptions = {}): AsyncGenerator<Uint8Array> {
    const { follow = false, tail, signal } = options;
    const path = `/v1/tenants/${segment(tenant)}/${kind}s/${segment(name)}/logs`;
    yield* bodyOf(await call(this.#ask.server, path, { query: { follow, tail }, signal }), signal);
  }

  /** Latest log lines of every copy of a service, oldest first. */
  async serviceLogs(service: string, tail?: number): Promise<string> {
    const path = `/v1/services/${segment(service)}/logs`;
    return (await call(this.#ask.server, path, { query: { tail } })).text();
  }

  exec({ kind, tenant, name }: Thing, open: SessionOpen): Promise<ExecSession> {
    return openExec(this.#ask.server, `/v1/tenants/${segment(tenant)}/${kind}s/${segment(name)}/exec`, open);
  }
}

export function isReady({ status }: Resource): boolean {
  return status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

export function isDrained({ drain }: NodeRow): boolean {
  return drain?.waitsFor.length === 0;
}

function brokeOff(): WeftError {
  return new WeftError("unavailable", "The gateway ended the watch.");
}

function queryOf({ dryRun = false }: Changing): NonNullable<Call["query"]> {
  return dryRun ? { dryRun } : {};
}
