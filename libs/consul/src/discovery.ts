/**
 * Discovery: which copies of which services Consul knows, and whether they are well.
 * Reads Consul's catalog and checks.
 * Registering is left to register-service.ts.
 */
import { z } from "zod";
import { ask } from "./api.ts";
import { leaderOf } from "./leader-key.ts";

export type CheckState = "passing" | "warning" | "critical";

export interface DiscoveredService {
  readonly name: string;
  readonly id: string;
  readonly node: string;
  readonly address: string;
  readonly port: number | undefined;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  /** The worst of its checks. */
  readonly state: CheckState;
  readonly leader: boolean;
}

const Names = z.record(z.string(), z.array(z.string()));
const State = z.enum(["passing", "warning", "critical", "maintenance"]);
const Instance = z.object({
  Node: z.object({ Node: z.string(), Address: z.string() }),
  Service: z.object({
    ID: z.string(),
    Service: z.string(),
    Address: z.string(),
    Port: z.number(),
    Tags: z.array(z.string()).nullish(),
    Meta: z.record(z.string(), z.string()).nullish(),
  }),
  Checks: z.array(z.object({ Status: State })),
});

/** All copies of all services but Consul's own, by name and id; or those of one service. */
export async function listServices(
  url: string,
  o: { readonly name?: string } = {},
): Promise<DiscoveredService[]> {
  const all = o.name === undefined ? await serviceNames(url) : [o.name];
  const found = await Promise.all(
    all.filter((name) => name !== "consul").map((name) => instancesOf(url, name)),
  );
  return found.flat().sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
}

async function serviceNames(url: string): Promise<string[]> {
  const { body } = await ask(url, Names, (consul, bounds) => consul.catalog.service.list({ ...bounds }));
  return Object.keys(body ?? {});
}

async function instancesOf(url: string, name: string): Promise<DiscoveredService[]> {
  const [{ body: instances = [] }, leader] = await Promise.all([
    ask(url, z.array(Instance), (consul, bounds) => consul.health.service({ service: name, ...bounds })),
    leaderOf(url, name),
  ]);
  return instances.map(({ Node, Service, Checks }) => ({
    name: Service.Service,
    id: Service.ID,
    node: Node.Node,
    address: Service.Address === "" ? Node.Address : Service.Address,
    port: Service.Port === 0 ? undefined : Service.Port,
    tags: Service.Tags ?? [],
    meta: Service.Meta ?? {},
    state: worst(Checks.map(({ Status }) => stateOf(Status))),
    leader: leader === Service.ID,
  }));
}

function stateOf(status: z.infer<typeof State>): CheckState {
  return status === "maintenance" ? "critical" : status;
}

function worst(states: readonly CheckState[]): CheckState {
  if (states.includes("critical")) return "critical";
  return states.includes("warning") ? "warning" : "passing";
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
