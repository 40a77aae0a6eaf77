/**
 * A moving world with more in it: fragmented datagrams, connections that the server opens, a host beyond the server behind a link that
 * can be made narrow; and hands for what shall happen during a move. What must hold is the test's.
 */
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@weft/testkit";
import { Endpoint } from "../traffic/endpoint.ts";
import { backRule, client, groupDocument, port, server } from "../traffic/moving-documents.ts";
import { MovingWorld } from "../traffic/moving-world.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import type { OpenOrder } from "../traffic/programs/orders.ts";
import { namespacePathOf } from "../traffic/shard-kernel.ts";
import { valuesOf } from "../bench/lab/lab-bus.ts";
import { done } from "./command-line.ts";
import { processesOf } from "./processes.ts";

const load: Load = { addresses: 64, tcp: 64, silent: 32, udp: 16, push: 16, everyMs: 250 };
/** Groups that never rest, and must be whole after each corner. */
export const names = ["tcp", "silent", "udp", "push", "new", "big", "back"] as const;
/** Flows of datagrams that are sent in fragments; each from another client. */
const large = 64;
/** So small that a test can fill it. */
export const room = 1_000;
/** An address for each connection: a client learns the width of a path for each that it speaks to. */
const beyond = {
  namespace: "corner-beyond",
  prefix: "10.8.2.24/29",
  addresses: Array.from({ length: 8 }, (_, nth) => `10.8.2.${24 + nth}`),
  link: "10.99.0.2",
  hop: "10.99.0.1",
};
const asked = { runtime: "docker", rules: [backRule] } as const;
const narrowMtu = 1_000;
const shimTable = ["netdev", "weft_shim"] as const;

export class CornerWorld implements AsyncDisposable {
  readonly moving: MovingWorld;
  readonly #open = new AsyncDisposableStack();
  #window = 0;

  private constructor(moving: MovingWorld) {
    this.moving = this.#open.use(moving);
  }

  static async open(): Promise<CornerWorld> {
    const settings = { WEFT_SHIM_FLOWS: String(room) };
    const world = new CornerWorld(await MovingWorld.open(3, { replicas: 2, ...asked }, settings));
    try {
      await world.moving.start(load);
      await world.open("big", { kind: "udp", bytes: 4_000, count: large, everyMs: load.everyMs });
      await world.moving.traffic.startBack(32, load.everyMs);
      return world;
    } catch (cause) {
      await world[Symbol.asyncDispose]();
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }

  /** Flows from all of the client's addresses in turn, to the server unless told otherwise. */
  async open(name: string, order: Partial<OpenOrder>): Promise<void> {
    await this.moving.traffic.ends.near.order({ ...opening, group: name, ...order });
  }

  /** Resolves when it is accepted. */
  begin(replicas: number): Promise<void> {
    return this.moving.lab.apply([groupDocument({ replicas, ...asked })]);
  }

  /** Resolves when as many shards own all slots. */
  scale(replicas: number): Promise<void> {
    return this.moving.change({ replicas, ...asked });
  }

  /** Ends a window of the traffic and begins the next; resolves to the number of the one that ended. */
  async turn(): Promise<number> {
    this.#window += 1;
    await this.moving.traffic.window(this.#window);
    return this.#window - 1;
  }

  /** Server and a quarter of the clients hear nothing of each other, as if nobody handed on what comes for their slots. */
  async deafen(ms: number): Promise<void> {
    const clients = `${client(0)}-${client(load.addresses / 4 - 1)}`;
    const chain = (hook: string, end: string) =>
      `chain ${hook} { type filter hook ${hook} priority -500; ip ${end} ${clients} drop; }`;
    const table = `table ip deaf { ${chain("prerouting", "saddr")}; ${chain("output", "daddr")}; }`;
    await this.#atServer("nft", table);
    await delay(ms);
    await this.#atServer("nft", "delete table ip deaf");
  }

  /** Handoffs whose slots are not where they shall be yet. */
  inFlight(): number {
    const handoffs = valuesOf(this.moving.lab.slots).flatMap((each) => each.handoffs);
    return handoffs.filter(({ phase }) => phase !== "drain" && phase !== "done").length;
  }

  /**
   * The function's container alone: its holder, and with it links and tables, stay. Of shards that own slots: others may be removed
   * meanwhile. Their agents start them again: Docker's own restart fails now and then when the process ends before it is killed.
   */
  async restartFunctions(): Promise<void> {
    const owners = new Set(valuesOf(this.moving.lab.slots).flatMap((each) => each.owners));
    const running = this.moving.runningShards().filter(({ name }) => owners.has(name));
    const instances = running.flatMap(({ instance }) => (instance === undefined ? [] : [instance]));
    const format = "{{.State.Running}} {{.State.StartedAt}}";
    const states = async () =>
      (await done("docker", "inspect", "--format", format, ...instances)).trim().split("\n");
    const before = await states();
    await done("docker", "kill", ...instances);
    await eventually("all functions run again", async () =>
      (await states()).every((state, index) => state.startsWith("true ") && state !== before[index]),
    );
  }

  /** Of the node that a workload runs on. */
  async freezeControllerOf(workload: string): Promise<Disposable> {
    const found = valuesOf(this.moving.lab.realized).find(
      ({ kind, name }) => kind === "workload" && name === workload,
    );
    const pids = processesOf("ovn-controller ", `weft-${found?.node}`);
    if (pids.length === 0) throw new Error("no ovn-controller runs");
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    let isFrozen = true;
    const thaw = () => {
      if (isFrozen) for (const pid of pids) process.kill(pid, "SIGCONT");
      isFrozen = false;
    };
    this.#open.defer(thaw);
    return { [Symbol.dispose]: thaw };
  }

  /** Connections with large messages to a host that the server forwards to, over a link as wide as all others. */
  async openBeyond(name: string, count: number): Promise<void> {
    await this.#makeBeyond();
    const host = this.#open.use(new Endpoint("beyond", `/run/netns/${beyond.namespace}`));
    await host.order({ op: "listen", addresses: beyond.addresses, port });
    await this.open(name, {
      to: beyond.addresses.map((host) => ({ host, port })),
      bytes: 6_000,
      answerBytes: 100,
      count,
      everyMs: 0,
    });
  }

  async narrow(): Promise<void> {
    await this.#atServer("ip", "link", "set", "beyond", "mtu", String(narrowMtu));
  }

  async wait(ms: number): Promise<void> {
    await delay(ms);
  }

  /** Flows that there are not, until no room is left in any shard's set. */
  async fillShims(): Promise<void> {
    for (const shard of this.moving.runningShards()) {
      const namespacePath = await namespacePathOf(shard);
      let next = 0;
      for (const chunk of [500, 100, 20, 5, 1])
        for (let fits = true; fits;) {
          const flows = Array.from({ length: chunk }, (_, nth) => strayFlow(next + nth));
          fits = await inside(
            namespacePath,
            "nft",
            "add",
            "element",
            ...shimTable,
            "known_4",
            `{ ${flows.join(", ")} }`,
          ).then(
            () => true,
            () => false,
          );
          if (fits) next += chunk;
        }
    }
  }

  /** Slots in which a flow began that a shard's set had no room for. */
  async unrecorded(): Promise<number> {
    let slots = 0;
    for (const shard of this.moving.runningShards()) {
      const namespacePath = await namespacePathOf(shard);
      const listing = await inside(namespacePath, "nft", "list", "set", ...shimTable, "unrecorded_4");
      slots += listing.match(/\b0\.0\.0\.\d+/g)?.length ?? 0;
    }
    return slots;
  }

  handedOn(): Promise<number> {
    return this.#counted(/^handed_/);
  }

  errorsHandedOn(): Promise<number> {
    return this.#counted(/^handed_error$/);
  }

  async #counted(name: RegExp): Promise<number> {
    let sum = 0;
    for (const shard of this.moving.runningShards()) {
      const namespacePath = await namespacePathOf(shard);
      const listing = await inside(namespacePath, "nft", "list", "counters", "table", ...shimTable);
      for (const [, counter = "", packets] of listing.matchAll(/counter (\w+) {\s*packets (\d+)/g))
        if (name.test(counter)) sum += Number(packets);
    }
    return sum;
  }

  async #makeBeyond(): Promise<void> {
    const { namespace, prefix, addresses, link, hop } = beyond;
    await done("ip", "netns", "add", namespace);
    this.#open.defer(async () => void (await done("ip", "netns", "delete", namespace)));
    const there = (...args: string[]) => done("ip", "-n", namespace, ...args);
    const peer = `type veth peer name hop netns ${namespace}`.split(" ");
    await this.#atServer("ip", "link", "add", "beyond", ...peer);
    for (const one of ["lo", "hop"]) await there("link", "set", one, "up");
    for (const address of addresses) await there("address", "add", `${address}/32`, "dev", "lo");
    await there("address", "add", `${link}/30`, "dev", "hop");
    await there("route", "add", "default", "via", hop);
    await this.#atServer("ip", "link", "set", "beyond", "up");
    await this.#atServer("ip", "address", "add", `${hop}/30`, "dev", "beyond");
    await this.#atServer("ip", "route", "add", prefix, "via", link);
    await this.#atServer("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.net0.proxy_arp=1");
  }

  #atServer(...command: string[]): Promise<string> {
    return inside(this.moving.lab.namespaceOf("server"), ...command);
  }
}

const clients = Array.from({ length: load.addresses }, (_, nth) => client(nth));
const opening = {
  op: "open",
  kind: "tcp",
  from: clients,
  to: [{ host: server, port }],
  bytes: 100,
  count: 1,
  everyMs: 0,
} as const satisfies Omit<OpenOrder, "group">;

function strayFlow(nth: number): string {
  return `10.99.${nth >> 8}.${nth & 255} . ${server} . 6 . 1 . 1 timeout 7500s`;
}

function inside(namespacePath: string, ...command: string[]): Promise<string> {
  return done("nsenter", `--net=${namespacePath}`, "--", ...command);
}
