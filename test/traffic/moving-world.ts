/**
 * A lab in which slots change hands under traffic: one strict firewall between a client with many addresses and a server. Changes the
 * group, remembers every owner that each slot had, and puts together what the traffic saw. What must hold is the test's.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { RealizedRecord, ShardPlacement } from "@weft/schemas";
import { run } from "../lab/command-line.ts";
import { LabBus, valuesOf } from "../bench/lab/lab-bus.ts";
import { FalseAlarms } from "../failures/false-alarms.ts";
import { Endpoint } from "./endpoint.ts";
import type { GroupOptions } from "./moving-documents.ts";
import {
  backPort,
  firstClient,
  group,
  groupDocument,
  places,
  port,
  worldDocuments,
} from "./moving-documents.ts";
import type { OpenOrder } from "./programs/orders.ts";
import type { Seen } from "./seen-twice.ts";
import { betweenLooksMs, seenTwice } from "./seen-twice.ts";
import { endAll, trackedInEach } from "./shard-kernel.ts";
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

export class MovingWorld implements AsyncDisposable {
  readonly lab: LabBus;
  /** Who was called dead since the world was opened. Nobody dies in it. */
  readonly alarms: FalseAlarms;
  #ends: readonly Endpoint[] = [];
  readonly #place: (typeof places)[4 | 6];
  #addresses = 0;
  /** By slot, how often it has changed hands since the traffic began. */
  readonly #moves = new Map<number, number>();
  #owners: readonly (string | null)[] = [];
  readonly #unfollow: () => void;

  private constructor(lab: LabBus, { family = 4 }: GroupOptions) {
    this.lab = lab;
    this.#place = places[family];
    this.alarms = new FalseAlarms(lab.bus);
    this.#unfollow = lab.slots.changed.subscribe(() => this.#note());
  }

  /** `settings`: of the services. */
  static async open(
    nodes: number,
    options: GroupOptions,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<MovingWorld> {
    const world = new MovingWorld(await LabBus.start(nodes, settings), options);
    try {
      await world.lab.apply(worldDocuments(options));
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
    this.#moves.clear();
    this.#note();
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

  /** Resolves once the shards that stay are as they are asked for, by `isAsked` too. */
  async change(options: GroupOptions, isAsked?: (shard: ShardPlacement) => boolean): Promise<void> {
    await this.lab.apply([groupDocument(options)]);
    await this.settled(options.replicas, isAsked);
  }

  /** As many shards stay as are wanted, each runs what it was told, all slots are theirs, and none is on its way. */
  settled(replicas: number, isAsked: (shard: ShardPlacement) => boolean = () => true): Promise<void> {
    return this.lab.until(`${replicas} shards, as they are asked for, own all slots`, () => {
      const record = valuesOf(this.lab.slots).find((each) => each.group === group);
      if (record === undefined || record.owners.includes(null)) return false;
      const inFlight = record.handoffs.some(({ phase }) => phase !== "drain" && phase !== "done");
      const staying = this.staying();
      const owners = new Set(record.owners);
      return (
        !inFlight &&
        staying.length === replicas &&
        staying.every((shard) => isAsked(shard) && owners.delete(shard.name) && this.#runs(shard)) &&
        owners.size === 0 &&
        this.#inForce(record.version)
      );
    });
  }

  /** The group's shards that are not leaving. */
  staying(): ShardPlacement[] {
    return this.#shards().filter(({ leaving }) => !leaving);
  }

  leaving(): ShardPlacement[] {
    return this.#shards().filter(({ leaving }) => leaving);
  }

  /** Also of those that are leaving. */
  runningShards(): RealizedRecord[] {
    return valuesOf(this.lab.realized).filter(({ kind, state }) => kind === "shard" && state === "running");
  }

  async summary(): Promise<Record<string, Summary>> {
    return summarize((await Promise.all(this.#ends.map((end) => end.reports()))).flat());
  }

  /** Who owns the slot of the client's nth address. */
  ownerOf(nth: number): string {
    const owner = this.#owners[firstClient + nth] ?? null;
    if (owner === null) throw new Error(`nobody owns the slot of ${this.#place.client(nth)}`);
    return owner;
  }

  /** How many of the client's addresses have their slot at this shard. */
  addressesOf(shard: string): number {
    const owners = Array.from({ length: this.#addresses }, (_, nth) => this.ownerOf(nth));
    return owners.filter((owner) => owner === shard).length;
  }

  /** The shard that has the most connections. */
  async busiest(): Promise<string> {
    const counted = [...(await trackedInEach(this.runningShards()))].map(([shard, flows]) => {
      const connections = [...flows.keys()].filter((flow) => flow.startsWith("tcp "));
      return [shard, connections.length] as const;
    });
    return counted.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? "";
  }

  /** Holder, function and whatever else is in a docker shard's namespace end in the same moment, and it with them. */
  async crash(shard: string): Promise<void> {
    const found = this.runningShards().find(({ name }) => name === shard);
    if (found === undefined) throw new Error(`${shard} does not run`);
    await endAll(found);
    await this.lab.until(`the slots of ${shard} are others'`, () => !this.#owners.includes(shard));
  }

  /** Share of the client's addresses whose slot changed hands at least once: flows are spread over the addresses evenly. */
  movedShare(): number {
    const slots = Array.from({ length: this.#addresses }, (_, nth) => firstClient + nth);
    return slots.filter((slot) => this.#moves.has(slot)).length / slots.length;
  }

  /** Flows that pass more than one shard, as their kernels tell, while all that is not silent speaks; in steady state there is none. */
  async seenTwice(): Promise<Seen> {
    const before = await trackedInEach(this.runningShards());
    await delay(betweenLooksMs);
    const seen = seenTwice(before, await trackedInEach(this.runningShards()));
    if (seen.compared.tcp === 0 || seen.compared.udp === 0)
      throw new Error(`too little passes a shard: ${JSON.stringify(seen.compared)}`);
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow();
    this.alarms[Symbol.dispose]();
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

  #shards(): ShardPlacement[] {
    return valuesOf(this.lab.placements).flatMap((each) =>
      each.kind === "shard" && each.group === group ? [each] : [],
    );
  }

  #runs({ name, uid, generation }: ShardPlacement): boolean {
    return this.runningShards().some(
      (each) => each.name === name && each.placementUid === uid && each.generation === generation,
    );
  }

  #inForce(version: number): boolean {
    const chain = valuesOf(this.lab.stitched).find(({ kind, name }) => kind === "chain" && name === "edge");
    return chain?.state === "programmed" && chain.slots?.[group] === version;
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
    const inside = [`--net=${this.lab.namespaceOf("client")}`, "ip", "-batch", "-"];
    const { code, stderr } = await run("nsenter", inside, `${lines.join("\n")}\n`);
    if (code !== 0) throw new Error(stderr);
  }
}

function running(lab: LabBus): number {
  return valuesOf(lab.realized).filter(({ kind, state }) => kind === "workload" && state === "running")
    .length;
}
