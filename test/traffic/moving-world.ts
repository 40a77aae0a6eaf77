/**
 * A lab in which slots change hands under traffic: one strict firewall between a client with many addresses and a server. Changes the
 * group and looks how its shards and slots stand. What must hold is the test's.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { RealizedRecord, ShardPlacement } from "@weft/schemas";
import { LabBus, valuesOf } from "../bench/lab/lab-bus.ts";
import { FalseAlarms } from "../failures/false-alarms.ts";
import type { GroupOptions } from "./moving-documents.ts";
import { firstClient, group, groupDocument, places, worldDocuments } from "./moving-documents.ts";
import { MovingTraffic } from "./moving-traffic.ts";
import type { Load } from "./moving-traffic.ts";
import type { Seen } from "./seen-twice.ts";
import { betweenLooksMs, seenTwice } from "./seen-twice.ts";
import { endAll, trackedInEach } from "./shard-kernel.ts";
import { SlotOwners } from "./slot-owners.ts";

export class MovingWorld implements AsyncDisposable {
  readonly lab: LabBus;
  /** Who was called dead since the world was opened. Nobody dies in it. */
  readonly alarms: FalseAlarms;
  /** Of the client and the server, once it was started. */
  readonly traffic: MovingTraffic;
  readonly #place: (typeof places)[4 | 6];
  readonly #owners: SlotOwners;

  private constructor(lab: LabBus, { family = 4 }: GroupOptions) {
    this.lab = lab;
    this.#place = places[family];
    this.alarms = new FalseAlarms(lab.bus);
    this.traffic = new MovingTraffic(lab, family);
    this.#owners = new SlotOwners(lab);
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

  /** Opens all flows; they go on until the world ends. From then on it is remembered which slots change hands. */
  async start(load: Load): Promise<void> {
    await this.traffic.start(load);
    this.#owners.begin();
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

  /** Who owns the slot of the client's nth address. */
  ownerOf(nth: number): string {
    const owner = this.#owners.of(firstClient + nth);
    if (owner === null) throw new Error(`nobody owns the slot of ${this.#place.client(nth)}`);
    return owner;
  }

  /** How many of the client's addresses have their slot at this shard. */
  addressesOf(shard: string): number {
    const owners = Array.from({ length: this.traffic.addresses }, (_, nth) => this.ownerOf(nth));
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
    await this.lab.until(`the slots of ${shard} are others'`, () => !this.#owners.hasAny(shard));
  }

  /** Share of the client's addresses whose slot changed hands at least once: flows are spread over the addresses evenly. */
  movedShare(): number {
    const slots = Array.from({ length: this.traffic.addresses }, (_, nth) => firstClient + nth);
    return slots.filter((slot) => this.#owners.hasMoved(slot)).length / slots.length;
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
    this.#owners[Symbol.dispose]();
    this.alarms[Symbol.dispose]();
    await this.traffic[Symbol.asyncDispose]();
    await this.lab[Symbol.asyncDispose]();
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
}

function running(lab: LabBus): number {
  return valuesOf(lab.realized).filter(({ kind, state }) => kind === "workload" && state === "running")
    .length;
}
