/**
 * Weft's way to the same namespaces: documents applied to a lab of one node, and deleted. Down is when neither records nor the
 * node, Open vSwitch or OVN have anything of them.
 */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { LabBus, valuesOf } from "../lab/lab-bus.ts";
import { datapathPorts } from "./plain-switch.ts";

const run = promisify(execFile);
const tenant = "bench";
const network = { kind: "Network", metadata: { name: "lan", tenant }, spec: { subnets: ["10.50.0.0/16"] } };
const nameOf = (index: number) => `host-${index}`;
const addressOf = (index: number) => `10.50.${1 + Math.floor(index / 200)}.${2 + (index % 200)}`;
const ownNames = /^weft-[0-9a-f]{10}$/;

export class WeftNamespaces implements AsyncDisposable {
  readonly first = addressOf(0);
  readonly #lab: LabBus;
  readonly #count: number;
  readonly #control: string;
  /** Ports of the node's datapath before any workload. */
  readonly #empty: number;

  private constructor(lab: LabBus, o: { count: number; control: string; empty: number }) {
    this.#lab = lab;
    this.#count = o.count;
    this.#control = o.control;
    this.#empty = o.empty;
  }

  static async start(count: number): Promise<WeftNamespaces> {
    const lab = await LabBus.start(1);
    await lab.apply([network]);
    await lab.until("its network", () => valuesOf(lab.stitched).some(({ state }) => state === "programmed"));
    const [node] = lab.endpoints.nodes;
    const control = path.join(path.dirname((node?.ovsdb ?? "").replace("unix:", "")), "vswitchd.ctl");
    return new WeftNamespaces(lab, { count, control, empty: await datapathPorts(control) });
  }

  /** Resolves when every workload runs, as the agent reports it. */
  async up(): Promise<void> {
    await this.#lab.apply(this.#workloads());
    await this.#lab.until("all workloads run", () => this.#running() === this.#count);
  }

  namespaces(): string[] {
    return this.#workloads().map(({ metadata }) => this.#lab.namespaceOf(metadata.name));
  }

  async down(): Promise<void> {
    await this.#lab.delete(this.#workloads());
    const of = ({ kind }: { readonly kind: string }) => kind === "workload";
    await this.#lab.until("no record of a workload", () =>
      [this.#lab.placements, this.#lab.realized, this.#lab.stitched].every(
        (view) => !valuesOf<{ readonly kind: string }>(view).some(of),
      ),
    );
  }

  /** What is left of them beside records: namespaces, links, ports of the datapath, logical ports. */
  async left(): Promise<string[]> {
    const [node] = this.#lab.endpoints.nodes;
    const links = await run("ip", ["-n", node?.namespace ?? "", "-brief", "link"]);
    const logical = await run("ovn-nbctl", [
      `--db=${this.#lab.endpoints.northbound}`,
      "--bare",
      "--columns=name",
      "find",
      "Logical_Switch_Port",
      'type=""',
    ]);
    return [
      ...readdirSync("/run/netns").filter((name) => ownNames.test(name)),
      ...links.stdout.split("\n").filter((line) => ownNames.test(line.split(/[ @]/)[0] ?? "")),
      ...logical.stdout.split("\n").filter((line) => line !== ""),
    ];
  }

  async datapathPorts(): Promise<number> {
    return (await datapathPorts(this.#control)) - this.#empty;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lab[Symbol.asyncDispose]();
  }

  #running(): number {
    return valuesOf(this.#lab.realized).filter(
      ({ kind, state }) => kind === "workload" && state === "running",
    ).length;
  }

  #workloads() {
    return Array.from({ length: this.#count }, (_, index) => ({
      kind: "Workload",
      metadata: { name: nameOf(index), tenant },
      spec: { runtime: "namespace", networks: [{ network: "lan", address: addressOf(index) }] },
    }));
  }
}
