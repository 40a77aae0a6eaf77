/**
 * The edge that the lab tests work on: the demonstration's documents, its traffic programs and its way into Weft.
 * What is counted is read inside the shards and in the server's own log.
 */
import { labStatus } from "@weft/lab";
import { WeftError } from "@weft/schemas";
import { countersCommand, readCounters } from "../../libs/lab/src/demo/counters.ts";
import type { DemoWeft } from "../../libs/lab/src/demo/demonstration.ts";
import { TrafficFleet } from "../../libs/lab/src/demo/traffic-fleet.ts";
import { weftOfLab } from "../../libs/lab/src/demo/weft-port.ts";
import * as world from "../../libs/lab/src/demo/world.ts";

export const { tenant, group, deniedPorts, allowedPort, serverAddress, documents, clientSlot } = world;
export const clientIndices = Array.from({ length: world.clients }, (_, index) => index);

/** Counters of every shard, by shard. */
export interface Counted {
  readonly passed: Record<string, number>;
  readonly dropped: Record<string, number>;
  readonly strayReplies: number;
}

export class Edge {
  readonly weft: DemoWeft;
  readonly #traffic: TrafficFleet;

  private constructor(weft: DemoWeft, traffic: TrafficFleet) {
    this.weft = weft;
    this.#traffic = traffic;
  }

  /** Of the lab that is up; wants the clients to be ready. */
  static async open(): Promise<Edge> {
    const endpoints = labStatus()?.endpoints;
    if (endpoints === undefined) throw new WeftError("unavailable", "No lab is up.");
    const weft = weftOfLab(endpoints);
    await Promise.all(clientIndices.map((index) => weft.ready("Workload", world.clientName(index))));
    await weft.ready("Workload", "server");
    const open = (index: number) => weft.session(world.clientName(index), world.clientCommand);
    return new Edge(weft, await TrafficFleet.start(world.clients, open));
  }

  /** Opens so many connections from every client and wants an answer on each; then closes them. */
  async open(count: number): Promise<{ done: number; failed: number }> {
    const order = { op: "open", host: serverAddress, port: allowedPort, count, timeoutMs: 5000 } as const;
    const { done, failed } = await this.#traffic.all(order);
    await this.#traffic.all({ op: "close" });
    return { done, failed };
  }

  /** Whether each client reaches the allowed port, in the clients' order. */
  async reachable(): Promise<boolean[]> {
    const reached = await Promise.all(clientIndices.map((index) => this.attempt(index, [allowedPort])));
    return reached.map((ports) => ports.length === 1);
  }

  /** Those of the ports that the client reaches. */
  async attempt(client: number, ports: readonly number[]): Promise<readonly number[]> {
    const order = { op: "attempt", host: serverAddress, ports, timeoutMs: 1500 } as const;
    return (await this.#traffic.one(client, order)).reached ?? [];
  }

  async counted(): Promise<Counted> {
    const rows = await this.weft.shards();
    const read = await Promise.all(
      rows.map(async ({ name }) => ({
        name,
        ...readCounters(await this.weft.run("shard", name, countersCommand)),
      })),
    );
    return {
      passed: Object.fromEntries(read.map(({ name, passed }) => [name, passed])),
      dropped: Object.fromEntries(read.map(({ name, dropped }) => [name, dropped])),
      strayReplies: read.reduce((sum, { strayReplies }) => sum + strayReplies, 0),
    };
  }

  /** Client addresses of all connections that the server accepted on the allowed port, in its own words. */
  async acceptedByServer(): Promise<string[]> {
    return (await this.weft.log("server"))
      .split("\n")
      .filter((line) => line.startsWith('{"accepted"'))
      .map((line): { accepted: string; port: number } => JSON.parse(line))
      .filter(({ port }) => port === allowedPort)
      .map(({ accepted }) => accepted);
  }

  /** The shard that owns each client's slot, in the clients' order. */
  async ownerOfClients(): Promise<string[]> {
    const owners = await this.weft.slotOwners(group);
    return clientIndices.map((index) => owners[clientSlot(index)] ?? "nobody");
  }

  close(): Promise<void> {
    return this.#traffic.close();
  }
}

/** How often each word stands in a list. */
export function tally(words: readonly string[], times = 1): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + times;
  return counts;
}

export function difference(
  now: Record<string, number>,
  before: Record<string, number>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value - (before[key] ?? 0)]));
}
