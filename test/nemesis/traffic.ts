/** Connections and datagrams through both groups while faults are loose: they must flow at the end, and say what they saw meanwhile. */
import { recordKey } from "@weft/schemas";
import type { RepairWorld } from "../lab/repair-world.ts";
import { tenant } from "../lab/repair-world.ts";
import { Endpoint } from "../traffic/endpoint.ts";
import type { Summary } from "../traffic/summary.ts";
import { summarize } from "../traffic/summary.ts";
import { servedPort } from "./operator.ts";

const connections = 40;
const client = "client-namespace";
const server = "server";

export class Traffic implements AsyncDisposable {
  readonly #client: Endpoint;
  readonly #server: Endpoint;

  private constructor(ends: { readonly client: Endpoint; readonly server: Endpoint }) {
    this.#client = ends.client;
    this.#server = ends.server;
  }

  static async start(world: RepairWorld): Promise<Traffic> {
    const at = async (name: string) =>
      new Endpoint(name, (await world.placeOf("workload", name)).namespacePath);
    const traffic = new Traffic({ client: await at(client), server: await at(server) });
    const host = addressOf(world, server);
    await traffic.#server.order({ op: "listen", addresses: [host], port: servedPort });
    const flows = {
      from: [addressOf(world, client)],
      to: [{ host, port: servedPort }],
      everyMs: 500,
      bytes: 200,
    };
    const ask = (order: { group: string; kind: "tcp" | "udp" | "churn"; count: number }) =>
      traffic.#client.order({ op: "open", ...order, ...flows });
    await ask({ group: "stays", kind: "tcp", count: connections });
    await ask({ group: "datagrams", kind: "udp", count: 10 });
    await ask({ group: "new", kind: "churn", count: 1 });
    return traffic;
  }

  async summary(): Promise<Record<string, Summary>> {
    return summarize([...(await this.#client.reports()), ...(await this.#server.reports())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#client[Symbol.asyncDispose](), this.#server[Symbol.asyncDispose]()]);
  }
}

/** IPv4, which every workload of this world has. */
function addressOf(world: RepairWorld, name: string): string {
  const placed = world.placements.get(recordKey("workload", tenant, name))?.value;
  const addresses = placed?.kind === "workload" ? (placed.interfaces[0]?.addresses ?? []) : [];
  const found = addresses.find((text) => !text.includes(":"));
  if (found === undefined) throw new Error(`${name} has no IPv4 address`);
  return found.split("/")[0] ?? "";
}
