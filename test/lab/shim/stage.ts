/**
 * One play on the rig: a client of its own with an address of each family in one slot, flows of both families between it and the
 * server, and what became of them. Each play finds both shims without a steering and the policies at the old owner.
 */
import type { Flow } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { Endpoint } from "../../traffic/endpoint.ts";
import type { OpenOrder } from "../../traffic/programs/orders.ts";
import type { Summary } from "../../traffic/summary.ts";
import { summarize } from "../../traffic/summary.ts";
import { pathOf, serverOf } from "./rig.ts";
import type { Policies, ShardName, ShimRig, Steering } from "./rig.ts";
import { port } from "./rig-plan.ts";

/** Many times what a packet takes here; what is lost is waited for as long. */
const stallMs = 600;
/** Of each family one. */
const flows = 2;

export const atOld: Policies = { toServers: "old", toClients: "old" };
export const atNew: Policies = { toServers: "new", toClients: "new" };

export class Ends implements AsyncDisposable {
  readonly near = new Endpoint("client", pathOf("client"));
  readonly far = new Endpoint("server", pathOf("server"));

  async listen(): Promise<void> {
    await this.far.order({ op: "listen", addresses: Object.values(serverOf), port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.near, this.far].map((end) => end[Symbol.asyncDispose]()));
  }
}

let plays = 0;

export class Stage {
  readonly rig: ShimRig;
  readonly ends: Ends;
  readonly slot: number;
  readonly clients: readonly string[];
  readonly #name = `play ${(plays += 1)}`;
  #groups = 0;

  private constructor(rig: ShimRig, ends: Ends) {
    this.rig = rig;
    this.ends = ends;
    const { slot, addresses } = rig.client();
    this.slot = slot;
    this.clients = addresses;
  }

  static async set(rig: ShimRig, ends: Ends): Promise<Stage> {
    const stage = new Stage(rig, ends);
    await Promise.all([stage.steer("old", {}), stage.steer("new", {}), rig.send(atOld)]);
    return stage;
  }

  /** Connections of both families, each with an answer to its first message; resolves with the name of their group. */
  open(more: Partial<OpenOrder> & { readonly by?: "client" | "server" } = {}): Promise<string> {
    const { by = "client", ...order } = more;
    const [from, to] = by === "client" ? [this.clients, servers] : [servers, this.clients];
    return this.#open(by === "client" ? this.ends.near : this.ends.far, from, to, order);
  }

  async #open(
    end: Endpoint,
    from: readonly string[],
    to: readonly string[],
    more: Partial<OpenOrder>,
  ): Promise<string> {
    const group = `${this.#name} ${(this.#groups += 1)}`;
    const targets = to.map((host) => ({ host, port }));
    await end.order({
      op: "open",
      group,
      kind: "tcp",
      from,
      to: targets,
      count: flows,
      everyMs: 0,
      bytes: 100,
      stallMs,
      ...more,
    });
    return group;
  }

  /** One message on each connection; how many of them broke so far, or never opened. */
  async speak(group: string, by: "client" | "server" = "client"): Promise<number> {
    const end = by === "client" ? this.ends.near : this.ends.far;
    await end.order({ op: "speak", group });
    return this.broken(group, by);
  }

  async broken(group: string, by: "client" | "server" = "client"): Promise<number> {
    const { broken, notOpened, wrong } = await this.#sum(
      group,
      by === "client" ? this.ends.near : this.ends.far,
    );
    return broken + notOpened + wrong;
  }

  /** One datagram on each flow, so many times; how many had no answer. */
  async ask(group: string, times: number): Promise<number> {
    const missing = async () => {
      const { sent, received } = await this.#sum(group, this.ends.near);
      return (sent[1] ?? 0) - (received[1] ?? 0);
    };
    await this.ends.near.order({ op: "window", window: 1 });
    for (let nth = 0; nth < times; nth += 1) await this.ends.near.order({ op: "speak", group });
    await this.soon(async () => (await missing()) === 0);
    return missing();
  }

  /** Whether it comes true while a packet would be waited for. */
  soon(holds: () => Promise<boolean>): Promise<boolean> {
    return eventually("it comes true", holds, { withinMs: stallMs }).then(
      () => true,
      () => false,
    );
  }

  steer(shard: ShardName, steering: Steering): Promise<void> {
    return this.rig.steer(shard, [this.slot], steering);
  }

  /** Of the client; without those that stand for fragments unless asked for. */
  async known(shard: ShardName, { pairs = false } = {}): Promise<Flow[]> {
    const known = await this.rig.known(shard);
    return known.filter(
      ([client, , , clientPort]) => this.clients.includes(client) && (pairs || clientPort > 0),
    );
  }

  /** How many new flows the function of each shard let in meanwhile. */
  async opening(work: () => Promise<unknown>): Promise<Record<ShardName, number>> {
    const counts = async () => ({ old: await this.rig.opened("old"), new: await this.rig.opened("new") });
    const before = await counts();
    await work();
    const after = await counts();
    return { old: after.old - before.old, new: after.new - before.new };
  }

  /** The longest time that is left to a flow of the client, in seconds. */
  async expires(shard: ShardName): Promise<number> {
    const [v4 = "", v6 = ""] = this.clients;
    const times = [await this.rig.expires(shard, 4, v4), await this.rig.expires(shard, 6, v6)];
    return Math.max(...times.map((time) => time ?? Number.NaN));
  }

  async #sum(group: string, end: Endpoint): Promise<Summary> {
    const sum = summarize([...(await end.reports())])[group];
    if (sum === undefined) throw new Error(`nobody reports ${group}`);
    return sum;
  }
}

const servers = Object.values(serverOf);
