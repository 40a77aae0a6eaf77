/**
 * A lab in which slots change hands under traffic: one strict firewall between a client with many addresses and a server. Scales the
 * group, remembers every owner that each slot had, and puts together what the traffic saw. What must hold is the test's.
 */
import { run } from "../lab/command-line.ts";
import { LabBus, valuesOf } from "../bench/lab/lab-bus.ts";
import { Endpoint } from "./endpoint.ts";
import type { OpenOrder } from "./programs/orders.ts";
import type { Summary } from "./summary.ts";
import { summarize } from "./summary.ts";

export const tenant = "moving";
export const group = "fw";
const port = 7000;
const server = "10.8.2.10";
/** The low octet is the slot: consecutive ones lie in all shards. */
const firstClient = 10;
const client = (nth: number) => `10.8.1.${firstClient + nth}`;

export interface Load {
  /** Of the client, from 1 to 200. */
  readonly addresses: number;
  /** Connections that speak each `everyMs`. */
  readonly tcp: number;
  /** Connections that say nothing until they are told to. */
  readonly silent: number;
  readonly udp: number;
  readonly push: number;
  readonly everyMs: number;
}

export interface GroupOptions {
  readonly replicas: number;
  /** `0s` keeps no connection: the same without a handoff. */
  readonly drain?: string;
  readonly runtime?: "docker" | "namespace";
}

const network = (name: string, subnet: string) => ({
  kind: "Network",
  metadata: { name, tenant },
  spec: { subnets: [subnet] },
});
const workload = (name: string, on: string, address: string) => ({
  kind: "Workload",
  metadata: { name, tenant },
  spec: { command: ["sleep", "infinity"], networks: [{ network: on, address }] },
});

export class MovingWorld implements AsyncDisposable {
  readonly lab: LabBus;
  #ends: readonly Endpoint[] = [];
  #addresses = 0;
  /** By slot, how often it has changed hands since the traffic began. */
  readonly #moves = new Map<number, number>();
  #owners: readonly (string | null)[] = [];
  readonly #unfollow: () => void;

  private constructor(lab: LabBus) {
    this.lab = lab;
    this.#unfollow = lab.slots.changed.subscribe(() => this.#note());
  }

  static async open(nodes: number, options: GroupOptions): Promise<MovingWorld> {
    const world = new MovingWorld(await LabBus.start(nodes));
    try {
      await world.lab.apply([
        network("inside", "10.8.1.0/24"),
        network("outside", "10.8.2.0/24"),
        workload("client", "inside", client(0)),
        workload("server", "outside", server),
        groupDocument(options),
        {
          kind: "Chain",
          metadata: { name: "edge", tenant },
          spec: { from: "inside", to: "outside", through: [group] },
        },
      ]);
      await world.settled(options.replicas);
      await world.lab.until("both ends run", () => running(world.lab) === 2);
      return world;
    } catch (cause) {
      await world[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** Opens all flows; they go on until the world ends. */
  async start(load: Load): Promise<void> {
    const [near, far] = ["client", "server"].map((name) => new Endpoint(name, this.lab.namespaceOf(name)));
    if (near === undefined || far === undefined) throw new Error("there are no ends");
    this.#ends = [near, far];
    this.#addresses = load.addresses;
    await this.#addAddresses(load.addresses);
    await far.order({ op: "listen", addresses: [server], port });
    const open = (name: string, kind: OpenOrder["kind"], more: { count: number; everyMs?: number }) =>
      near.order({
        op: "open",
        group: name,
        kind,
        from: Array.from({ length: load.addresses }, (_, nth) => client(nth)),
        to: [{ host: server, port }],
        bytes: 100,
        everyMs: load.everyMs,
        ...more,
      });
    await open("tcp", "tcp", { count: load.tcp });
    await open("silent", "tcp", { count: load.silent, everyMs: 0 });
    await open("udp", "udp", { count: load.udp });
    await open("push", "push", { count: load.push });
    await open("new", "churn", { count: 2, everyMs: 100 });
    this.#moves.clear();
    this.#note();
  }

  async window(number: number): Promise<void> {
    for (const end of this.#ends) await end.order({ op: "window", window: number });
  }

  async speak(): Promise<void> {
    await this.#ends[0]?.order({ op: "speak", group: "silent" });
  }

  /** Nothing new is sent; what is under way may arrive. */
  async quiet(): Promise<void> {
    for (const end of this.#ends) await end.order({ op: "quiet" });
  }

  async scale(options: GroupOptions): Promise<void> {
    await this.lab.apply([groupDocument(options)]);
    await this.settled(options.replicas);
  }

  /** As many shards own slots as are wanted, and none is on its way. */
  settled(replicas: number): Promise<void> {
    return this.lab.until(`${replicas} shards own all slots`, () => {
      const record = valuesOf(this.lab.slots).find((each) => each.group === group);
      if (record === undefined || record.owners.includes(null)) return false;
      const inFlight = record.handoffs.some(({ phase }) => phase !== "drain" && phase !== "done");
      return !inFlight && new Set(record.owners).size === replicas && this.#inForce(record.version);
    });
  }

  async summary(): Promise<Record<string, Summary>> {
    return summarize((await Promise.all(this.#ends.map((end) => end.reports()))).flat());
  }

  /** Share of the client's addresses whose slot changed hands at least once: flows are spread over the addresses evenly. */
  movedShare(): number {
    const slots = Array.from({ length: this.#addresses }, (_, nth) => firstClient + nth);
    return slots.filter((slot) => this.#moves.has(slot)).length / slots.length;
  }

  /** Flows that more than one shard has an established connection of, as their kernels tell; in steady state there is none. */
  async seenTwice(): Promise<string[]> {
    const shards = valuesOf(this.lab.realized).filter(
      ({ kind, state }) => kind === "shard" && state === "running",
    );
    const seen = new Map<string, number>();
    for (const { holder } of shards) {
      if (holder === undefined) continue;
      for (const flow of await establishedIn(holder)) seen.set(flow, (seen.get(flow) ?? 0) + 1);
    }
    if (seen.size === 0) throw new Error("no shard has a connection");
    return [...seen].flatMap(([flow, times]) => (times > 1 ? [flow] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow();
    for (const end of this.#ends) await end[Symbol.asyncDispose]();
    await this.lab[Symbol.asyncDispose]();
  }

  #note(): void {
    const { owners = [] } = valuesOf(this.lab.slots).find((each) => each.group === group) ?? {};
    owners.forEach((owner, slot) => {
      const before = this.#owners[slot] ?? null;
      if (before !== null && before !== owner) this.#moves.set(slot, (this.#moves.get(slot) ?? 0) + 1);
    });
    this.#owners = owners;
  }

  #inForce(version: number): boolean {
    const chain = valuesOf(this.lab.stitched).find(({ kind, name }) => kind === "chain" && name === "edge");
    return chain?.state === "programmed" && chain.slots?.[group] === version;
  }

  async #addAddresses(count: number): Promise<void> {
    const lines = Array.from({ length: count - 1 }, (_, nth) => `address add ${client(nth + 1)}/24 dev net0`);
    const inside = [`--net=${this.lab.namespaceOf("client")}`, "ip", "-batch", "-"];
    const { code, stderr } = await run("nsenter", inside, `${lines.join("\n")}\n`);
    if (code !== 0) throw new Error(stderr);
  }
}

function groupDocument({ replicas, drain = "10m", runtime = "namespace" }: GroupOptions) {
  const accept = (protocol: string) => ({
    name: protocol,
    action: "accept",
    from: "inside",
    protocol,
    ports: [port],
  });
  return {
    kind: "FunctionGroup",
    metadata: { name: group, tenant },
    spec: {
      function: "firewall",
      runtime,
      replicas,
      drain: { timeout: drain },
      config: { default: "drop", rules: [accept("tcp"), accept("udp")] },
    },
  };
}

function running(lab: LabBus): number {
  return valuesOf(lab.realized).filter(({ kind, state }) => kind === "workload" && state === "running")
    .length;
}

/** Client, server and ports, once for both directions. */
async function establishedIn(holder: string): Promise<string[]> {
  const named = /^weft-[0-9a-f]{10}$/.test(holder);
  const where = named ? `/run/netns/${holder}` : `/proc/${await pidOf(holder)}/ns/net`;
  const { stdout } = await run("nsenter", [
    `--net=${where}`,
    "conntrack",
    "-L",
    "-p",
    "tcp",
    "--state",
    "ESTABLISHED",
  ]);
  return [...stdout.matchAll(/ESTABLISHED (src=\S+ dst=\S+ sport=\d+ dport=\d+)/g)].map(
    ([, flow]) => flow ?? "",
  );
}

async function pidOf(container: string): Promise<number> {
  const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", container]);
  return Number(stdout);
}
