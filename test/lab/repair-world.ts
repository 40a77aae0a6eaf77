/**
 * The world that is damaged and mended in the repair tests: one chain through two groups, a docker and a namespace one, with
 * workloads of both runtimes at its ends. Knows where each thing is.
 */
import { createHash } from "node:crypto";
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { createLog } from "@weft/runtime";
import type { PlacementRecord, RealizedRecord } from "@weft/schemas";
import { recordKey } from "@weft/schemas";
import { applyText, done, run, weftDone, yamlOf } from "./command-line.ts";
import { endpoints } from "./lab-endpoints.ts";
import { pidOfContainer } from "./processes.ts";

export const tenant = "repair";
export const shards = { docker: "fw-docker-0", namespace: "fw-namespace-0" } as const;

const config = { rules: [{ name: "ping", action: "accept", from: "inside", protocol: "icmp" }] };
const network = (name: string, ...subnets: string[]) => ({
  kind: "Network",
  metadata: { name, tenant },
  spec: { subnets },
});
const group = (runtime: "docker" | "namespace") => ({
  kind: "FunctionGroup",
  metadata: { name: `fw-${runtime}`, tenant },
  spec: { function: "firewall", runtime, config, resources: { bandwidth: "500Mbit" } },
});
const workload = (name: string, on: string, runtime: "docker" | "namespace") => ({
  kind: "Workload",
  metadata: { name, tenant },
  spec: {
    runtime,
    command: ["sleep", "infinity"],
    networks: [{ network: on }],
    ...(runtime === "docker" ? { image: "weft/firewall:dev" } : {}),
  },
});
export const documents = [
  network("inside", "10.9.1.0/24", "fd00:91::/64"),
  network("outside", "10.9.2.0/24", "fd00:92::/64"),
  group("docker"),
  group("namespace"),
  {
    kind: "Chain",
    metadata: { name: "edge", tenant },
    spec: { from: "inside", to: "outside", through: ["fw-docker", "fw-namespace"] },
  },
  workload("client-namespace", "inside", "namespace"),
  workload("client-docker", "inside", "docker"),
  workload("server", "outside", "namespace"),
];

export class RepairWorld implements AsyncDisposable {
  readonly #bus: Bus;
  readonly realized: View<RealizedRecord>;
  readonly placements: View<PlacementRecord>;
  #asked: { readonly targets: readonly string[]; readonly paths: readonly string[] } = {
    targets: [],
    paths: [],
  };

  private constructor(bus: Bus, views: Pick<RepairWorld, "realized" | "placements">) {
    this.#bus = bus;
    this.realized = views.realized;
    this.placements = views.placements;
  }

  /** Brings a lab up with everything ready in it. */
  static async open(nodes: number): Promise<RepairWorld> {
    await weftDone("up", "--nodes", String(nodes), "--json");
    const url = endpoints().nats;
    const bus = await connectBus({ url, name: "repair test", log: createLog("test", "silent") });
    const [realized, placements] = await Promise.all([bus.view("realized"), bus.view("placements")]);
    const { code, stderr } = await applyText(yamlOf(documents));
    if (code !== 0) throw new Error(stderr);
    await ready("chain/edge");
    await Promise.all(
      ["client-namespace", "client-docker", "server"].map((name) => ready(`workload/${name}`)),
    );
    return new RepairWorld(bus, { realized, placements });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
    await weftDone("down");
  }

  record(kind: "shard" | "workload", name: string): RealizedRecord {
    const found = this.realized.get(recordKey(kind, tenant, name))?.value;
    if (found === undefined) throw new Error(`no record of ${kind} ${name}`);
    return found;
  }

  /** Of a shard or workload: its node's namespace, and its own as nsenter takes it. */
  async placeOf(kind: "shard" | "workload", name: string): Promise<{ node: string; namespacePath: string }> {
    const { node, holder = "" } = this.record(kind, name);
    const named = /^weft-[0-9a-f]{10}$/.test(holder);
    const namespacePath = named ? `/run/netns/${holder}` : `/proc/${await pidOfContainer(holder)}/ns/net`;
    return { node, namespacePath };
  }

  async inside(kind: "shard" | "workload", name: string, ...command: string[]): Promise<string> {
    const { namespacePath } = await this.placeOf(kind, name);
    return done("nsenter", `--net=${namespacePath}`, "--", ...command);
  }

  async inNode(kind: "shard" | "workload", name: string, ...command: string[]): Promise<string> {
    const { node } = this.record(kind, name);
    return done("nsenter", `--net=/run/netns/weft-${node}`, "--", ...command);
  }

  /** Of the inner side, then of the outer one: those that its links but its own lead into. */
  async probeNamespaces(shard: string): Promise<string[]> {
    const { placementUid: uid } = this.record("shard", shard);
    return ["inner", "outer"].map((side) => {
      const hash = createHash("sha256").update(`${uid} probe ${side}`).digest("hex");
      return `weft-${hash.slice(0, 10)}`;
    });
  }

  /** Whether both clients reach the server in both families, through both groups. */
  async passes(): Promise<boolean> {
    const server = this.placements.get(recordKey("workload", tenant, "server"))?.value;
    if (server?.kind !== "workload") throw new Error("the server is not placed");
    const targets = (server.interfaces[0]?.addresses ?? []).map((address) => address.split("/")[0] ?? "");
    const clients = ["client-namespace", "client-docker"];
    const paths = await Promise.all(
      clients.map(async (name) => (await this.placeOf("workload", name)).namespacePath),
    );
    this.#asked = { targets, paths };
    return this.stillPasses();
  }

  /** The same where it was asked before, also when the records are lost. */
  async stillPasses(): Promise<boolean> {
    const { targets, paths } = this.#asked;
    const asked = paths.flatMap((namespacePath) =>
      targets.map(async (target) => {
        const ping = ["ping", "-n", "-c", "1", "-W", "1", target];
        return (await run("nsenter", [`--net=${namespacePath}`, "--", ...ping])).code === 0;
      }),
    );
    return targets.length === 2 && (await Promise.all(asked)).every(Boolean);
  }

  /** Name of the host end of a placement's interface. */
  async hostLink(kind: "shard" | "workload", name: string, face: string): Promise<string> {
    const { node, namespacePath } = await this.placeOf(kind, name);
    const text = await done(
      "nsenter",
      `--net=${namespacePath}`,
      "--",
      "ip",
      "-o",
      "link",
      "show",
      "dev",
      face,
    );
    const index = /@if(\d+):/.exec(text)?.[1] ?? "";
    const links = await done("ip", "-n", `weft-${node}`, "-o", "link", "show");
    return new RegExp(`^${index}: (weft-[0-9a-f]{10})@`, "m").exec(links)?.[1] ?? "";
  }
}

export const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "60s", "--tenant", tenant);
