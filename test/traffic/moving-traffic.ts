/**
 * Traffic between a client with many addresses and a server, by programs in the namespaces of both: connections that speak, some that are
 * silent, datagrams, pushes and short connections. Starts it, changes it, and puts together what it saw.
 */
import { run } from "../lab/command-line.ts";
import type { LabBus } from "../bench/lab/lab-bus.ts";
import { Endpoint } from "./endpoint.ts";
import { backPort, places, port } from "./moving-documents.ts";
import type { OpenOrder } from "./programs/orders.ts";
import type { Summary } from "./summary.ts";
import { summarize } from "./summary.ts";

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

export class MovingTraffic implements AsyncDisposable {
  readonly #lab: LabBus;
  readonly #place: (typeof places)[4 | 6];
  #ends: readonly Endpoint[] = [];
  #addresses = 0;

  constructor(lab: LabBus, family: 4 | 6) {
    this.#lab = lab;
    this.#place = places[family];
  }

  /** How many addresses the client has. */
  get addresses(): number {
    return this.#addresses;
  }

  /** Opens all flows; they go on until they are disposed of. */
  async start(load: Load): Promise<void> {
    const [near, far] = ["client", "server"].map((name) => new Endpoint(name, this.#lab.namespaceOf(name)));
    if (near === undefined || far === undefined) throw new Error("there are no ends");
    this.#ends = [near, far];
    this.#addresses = load.addresses;
    await this.#addAddresses(load.addresses);
    await far.order({ op: "listen", addresses: [this.#place.server], port });
    const open = (name: string, kind: OpenOrder["kind"], more: { count: number; everyMs?: number }) =>
      near.order({
        op: "open",
        group: name,
        kind,
        from: this.#clients(),
        to: [{ host: this.#place.server, port }],
        bytes: 100,
        everyMs: load.everyMs,
        ...more,
      });
    await open("tcp", "tcp", { count: load.tcp });
    await open("silent", "tcp", { count: load.silent, everyMs: 0 });
    await open("udp", "udp", { count: load.udp });
    await open("push", "push", { count: load.push });
    await open("new", "churn", { count: 2, everyMs: 100 });
  }

  /** The processes at both ends, for flows of a test's own. */
  get ends(): { readonly near: Endpoint; readonly far: Endpoint } {
    const [near, far] = this.#ends;
    if (near === undefined || far === undefined) throw new Error("no traffic was started");
    return { near, far };
  }

  /** Connections that the server opens to all of the client's addresses, for a group whose rules let it. */
  async startBack(count: number, everyMs: number): Promise<void> {
    const [near, far] = this.#ends;
    const clients = this.#clients();
    await near?.order({ op: "listen", addresses: clients, port: backPort });
    const to = clients.map((host) => ({ host, port: backPort }));
    await far?.order({
      op: "open",
      group: "back",
      kind: "tcp",
      from: [this.#place.server],
      to,
      bytes: 100,
      count,
      everyMs,
    });
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

  async summary(): Promise<Record<string, Summary>> {
    return summarize((await Promise.all(this.#ends.map((end) => end.reports()))).flat());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end[Symbol.asyncDispose]();
  }

  #clients(): string[] {
    return Array.from({ length: this.#addresses }, (_, nth) => this.#place.client(nth));
  }

  async #addAddresses(count: number): Promise<void> {
    const { prefix } = this.#place;
    // An address that is looked for twice on the link first (RFC 4862) could not be used at once.
    const lines = this.#clients()
      .slice(1, count)
      .map((address) => `address add ${address}/${prefix} dev net0${prefix === 64 ? " nodad" : ""}`);
    const inside = [`--net=${this.#lab.namespaceOf("client")}`, "ip", "-batch", "-"];
    const { code, stderr } = await run("nsenter", inside, `${lines.join("\n")}\n`);
    if (code !== 0) throw new Error(stderr);
  }
}
