/**
 * The operator beside the faults: scales groups, changes their rules, makes and deletes workloads, and keeps a ledger of what was
 * acknowledged. Reads back through the same gateway.
 */
import { isReady } from "@weft/client";
import type { WeftClient } from "@weft/client";
import { WeftError } from "@weft/schemas";
import { tenant } from "../lab/repair-world.ts";
import type { Chance } from "./chance.ts";
import type { Ledger, Wanted } from "./ledger.ts";

/** Where the traffic goes; always allowed. */
export const servedPort = 7000;
const groups = ["fw-namespace", "fw-docker"] as const;
const extras = ["extra-1", "extra-2", "extra-3", "extra-4"] as const;
const mostShards = { "fw-namespace": 4, "fw-docker": 2 } as const;

export interface OperatorCounts {
  acknowledged: number;
  refused: number;
  unanswered: number;
}

export class Operator {
  readonly counts: OperatorCounts = { acknowledged: 0, refused: 0, unanswered: 0 };
  readonly #client: WeftClient;
  readonly #ledger: Ledger;
  readonly #chance: Chance;

  constructor(client: WeftClient, ledger: Ledger, chance: Chance) {
    this.#client = client;
    this.#ledger = ledger;
    this.#chance = chance;
  }

  /** The first state of both groups, with rules for the traffic. */
  async begin(): Promise<void> {
    for (const name of groups) await this.#setGroup(name, 2, 1);
    if (this.counts.acknowledged !== groups.length) throw new Error("the first state was not accepted");
  }

  /** Resolves to what was asked for, and how it was answered. */
  act(): Promise<string> {
    const chance = this.#chance;
    if (chance.next() < 0.7) {
      const name = chance.oneOf(groups);
      return this.#setGroup(name, chance.between(1, mostShards[name]), chance.between(1, 9));
    }
    const name = chance.oneOf(extras);
    return chance.next() < 0.6 ? this.#makeWorkload(name) : this.#deleteWorkload(name);
  }

  async actual(): Promise<Map<string, string>> {
    const found = await Promise.all([
      this.#client.list("FunctionGroup", tenant),
      this.#client.list("Workload", tenant),
    ]);
    const told = found.flat().flatMap((resource): [string, string][] => {
      const { name } = resource.metadata;
      if ("replicas" in resource.spec)
        return [[`fg/${name}`, groupText(resource.spec.replicas, resource.spec.config)]];
      return extras.some((extra) => extra === name) ? [[`workload/${name}`, "there"]] : [];
    });
    return new Map(told);
  }

  /** What is not ready, in words. */
  async unready(): Promise<string[]> {
    const kinds = ["Network", "FunctionGroup", "Chain", "Workload"] as const;
    const all = await Promise.all(kinds.map((kind) => this.#client.list(kind, tenant)));
    const nodes = await this.#client.nodes();
    return [
      ...all
        .flat()
        .filter((resource) => !isReady(resource))
        .map(({ kind, metadata, status }) => `${kind} ${metadata.name}: ${status.conditions[0]?.message}`),
      ...nodes.filter(({ state }) => state !== "ready").map(({ name, state }) => `${name} is ${state}`),
    ];
  }

  /** Deletes something without telling the ledger: what a run must then find. */
  async betray(): Promise<void> {
    await this.#client.apply([workload("extra-1")]);
    this.#ledger.acknowledged("workload/extra-1", "there");
    await this.#client.remove("Workload", tenant, "extra-1");
  }

  #setGroup(name: (typeof groups)[number], replicas: number, extra: number): Promise<string> {
    const config = configWith(extra);
    const document = {
      kind: "FunctionGroup",
      metadata: { name, tenant },
      spec: {
        function: "firewall",
        runtime: name === "fw-docker" ? "docker" : "namespace",
        replicas,
        config,
      },
    };
    return this.#ask(`fg/${name}`, groupText(replicas, config), () => this.#client.apply([document]));
  }

  #makeWorkload(name: string): Promise<string> {
    return this.#ask(`workload/${name}`, "there", () => this.#client.apply([workload(name)]));
  }

  #deleteWorkload(name: string): Promise<string> {
    return this.#ask(`workload/${name}`, null, () => this.#client.remove("Workload", tenant, name));
  }

  async #ask(resource: string, wanted: Wanted, request: () => Promise<unknown>): Promise<string> {
    const asked = `${resource} ${wanted ?? "deleted"}`;
    try {
      await request();
    } catch (cause) {
      if (!(cause instanceof WeftError)) throw cause;
      if (cause.code === "not-found" && wanted === null) return `${asked}: was not there`;
      const unanswered = ["unavailable", "timeout", "internal"].includes(cause.code);
      this.counts[unanswered ? "unanswered" : "refused"] += 1;
      if (unanswered) this.#ledger.unanswered(resource, wanted);
      return `${asked}: ${cause.code}: ${cause.message}`;
    }
    this.counts.acknowledged += 1;
    this.#ledger.acknowledged(resource, wanted);
    return `${asked}: acknowledged`;
  }
}

function workload(name: string) {
  return {
    kind: "Workload",
    metadata: { name, tenant },
    spec: { command: ["sleep", "infinity"], networks: [{ network: "inside" }] },
  };
}

/** The extra rule tells configurations apart. */
function configWith(extra: number) {
  return {
    rules: [
      { name: "ping", action: "accept", from: "inside", protocol: "icmp" },
      { name: "traffic-tcp", action: "accept", from: "inside", protocol: "tcp", ports: [servedPort] },
      { name: "traffic-udp", action: "accept", from: "inside", protocol: "udp", ports: [servedPort] },
      { name: "extra", action: "accept", from: "inside", protocol: "tcp", ports: [9000 + extra] },
    ],
  };
}

function groupText(replicas: number, config: unknown): string {
  const port = /"name":"extra".*?"ports":\["?(\d+)/.exec(JSON.stringify(config))?.[1];
  return `${replicas} shards, extra port ${port}`;
}
