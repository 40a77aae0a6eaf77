/**
 * A lab for failures: one chain through one firewall group of four shards, probed by numbered datagrams from a client whose slot
 * one of them owns. Knows that shard, what runs it, and when all is whole again; records when each stage heard of a failure.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { startLab, stopLab } from "@weft/lab";
import type { LabEndpoints } from "@weft/lab";
import { createLog } from "@weft/runtime";
import { IntentReply, applySubject, recordKey, slotsKey } from "@weft/schemas";
import type { RealizedRecord, Records } from "@weft/schemas";
import { clientSlot, documents, group, groupDocument, serverAddress, tenant } from "./documents.ts";
import type { Shape } from "./documents.ts";
import { FalseAlarms } from "./false-alarms.ts";
import { NumberedProbes } from "./numbered-probes.ts";
import { StageTimes } from "./stage-times.ts";

export const run = promisify(execFile);
const waitMs = 60_000;

type Views = {
  readonly [N in "placements" | "realized" | "slots" | "stitched" | "health"]: View<Records[N]>;
};

export interface FailureLabOptions extends Partial<Shape> {
  readonly nodes?: number;
  /** Of the services (docs/failures.md). */
  readonly settings?: Readonly<Record<string, string>>;
}

export class FailureLab implements AsyncDisposable {
  readonly endpoints: LabEndpoints;
  readonly views: Views;
  readonly bus: Bus;
  readonly stages: StageTimes;
  readonly alarms: FalseAlarms;
  #shards: number;

  private constructor(o: { endpoints: LabEndpoints; bus: Bus; views: Views; shards: number }) {
    this.endpoints = o.endpoints;
    this.bus = o.bus;
    this.views = o.views;
    this.#shards = o.shards;
    this.stages = new StageTimes(o.bus, o.views);
    this.alarms = new FalseAlarms(o.bus);
  }

  /** Resolves when the group is whole. */
  static async start(options: FailureLabOptions = {}): Promise<FailureLab> {
    const { nodes = 3, shards = 4, clients = 8, onFailure = "closed" } = options;
    const { farNodes = [], settings = {} } = options;
    const { endpoints } = await startLab({ nodes, settings });
    if (endpoints === undefined) throw new Error("the lab has no endpoints");
    const bus = await connectBus({
      url: endpoints.nats,
      name: "failures",
      log: createLog("failures", "silent"),
    });
    const views = {
      placements: await bus.view("placements"),
      realized: await bus.view("realized"),
      slots: await bus.view("slots"),
      stitched: await bus.view("stitched"),
      health: await bus.view("health"),
    };
    const lab = new FailureLab({ endpoints, bus, views, shards });
    try {
      await lab.apply(documents({ shards, clients, onFailure, farNodes }));
      await lab.whole();
      return lab;
    } catch (cause) {
      await lab[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** Resolves once as many as are wanted are ready and have all slots; those that leave may still drain. */
  async scale(shards: number): Promise<void> {
    this.#shards = shards;
    await this.apply([groupDocument(shards)]);
    await this.whole();
  }

  /** Resolves when all is whole again. */
  whole(): Promise<void> {
    return this.until("the group is whole", () => this.isWhole());
  }

  async apply(documents: readonly unknown[]): Promise<void> {
    const reply = await this.bus.request(applySubject, { documents }, { timeoutMs: 30_000 });
    const read = IntentReply.parse(reply);
    if (!read.accepted) throw new Error(JSON.stringify(read));
  }

  /** Resolves as soon as a change of any record makes it true. */
  until(what: string, holds: () => boolean, withinMs = waitMs): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
    const look = () => {
      if (holds()) resolve();
    };
    const unsubscribe = Object.values(this.views).map(({ changed }) => changed.subscribe(look));
    look();
    return promise.finally(() => {
      clearTimeout(late);
      for (const end of unsubscribe) end();
    });
  }

  /** Several at once need ports of their own. */
  probes(client: string, port = 7000): Promise<NumberedProbes> {
    return NumberedProbes.start({
      client: this.namespaceOf(client),
      server: this.namespaceOf("server"),
      address: serverAddress,
      port,
    });
  }

  /** As many shards as are wanted are ready and own slots, no slot is on its way (old flows may still drain), and the chain is in force. */
  isWhole(): boolean {
    const slots = this.views.slots.get(slotsKey(tenant, group))?.value;
    const owners = new Set(slots?.owners);
    const ready = [...this.views.health.entries().values()].filter(
      ({ value }) => value.kind === "shard" && value.state === "ready" && owners.has(value.name),
    );
    const chain = this.views.stitched.get(recordKey("chain", tenant, "edge"))?.value;
    const runs = ["server", "client-1"].every((name) => this.#realized("workload", name) !== undefined);
    return (
      slots?.handoffs.every(({ phase }) => phase === "drain" || phase === "done") === true &&
      owners.size === this.#shards &&
      ready.length === this.#shards &&
      chain?.state === "programmed" &&
      runs
    );
  }

  ownerOf(client: string): string {
    const index = Number(client.split("-")[1]);
    const owner = this.views.slots.get(slotsKey(tenant, group))?.value.owners[clientSlot(index)];
    if (owner === null || owner === undefined) throw new Error(`nobody owns the slot of ${client}`);
    return owner;
  }

  nodeOf(shard: string): string {
    return this.shard(shard).node;
  }

  shard(name: string): RealizedRecord {
    const found = this.#realized("shard", name);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  }

  runningShards(): string[] {
    return this.#values("realized").flatMap(({ kind, name, state }) =>
      kind === "shard" && state === "running" ? [name] : [],
    );
  }

  /** Placed on the node, and not to leave. */
  shardsOn(node: string): { readonly name: string; readonly uid: string }[] {
    return this.#values("placements").flatMap((placed) =>
      placed.kind === "shard" && placed.node === node && !placed.leaving
        ? [{ name: placed.name, uid: placed.uid }]
        : [],
    );
  }

  /** Whether anything of these placements is there still, placed or made. */
  hasAny(uids: ReadonlySet<string>): boolean {
    return (
      this.#values("placements").some((placed) => "uid" in placed && uids.has(placed.uid)) ||
      this.#values("realized").some(({ placementUid }) => uids.has(placementUid))
    );
  }

  /** Names of the chassis to which the others keep tunnels. */
  async chassis(): Promise<string[]> {
    const { southbound } = this.endpoints;
    const asked = [`--db=${southbound}`, "--bare", "--columns=name", "list", "chassis"];
    const { stdout } = await run("ovn-sbctl", asked);
    return stdout.split("\n").filter((name) => name !== "");
  }

  isThere(workload: string): boolean {
    return this.#realized("workload", workload) !== undefined;
  }

  /** Process ids of a shard's containers. */
  async processesOf(shard: string): Promise<{ holder: number; instance: number }> {
    const { holder = "", instance = "" } = this.shard(shard);
    const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", holder, instance]);
    const [first, second] = stdout.trim().split("\n").map(Number);
    if (!first || !second) throw new Error(`${shard} has no processes: ${stdout}`);
    return { holder: first, instance: second };
  }

  namespaceOf(workload: string): string {
    return `/run/netns/${this.#realized("workload", workload)?.holder ?? ""}`;
  }

  #values<N extends keyof Views>(bucket: N): Records[N][] {
    return [...this.views[bucket].entries().values()].map(({ value }) => value);
  }

  #realized(kind: "shard" | "workload", name: string): RealizedRecord | undefined {
    const found = this.views.realized.get(recordKey(kind, tenant, name))?.value;
    return found?.state === "running" ? found : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stages[Symbol.dispose]();
    this.alarms[Symbol.dispose]();
    await this.bus.close();
    await stopLab();
  }
}
