/**
 * A lab from its first namespace to ready, and its end. Decides the order; each part is started by the file named after it.
 * Writes state.json and the token file. Whatever happens on the way, `stop` removes all that was made.
 */
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { dockerAnswers, prepareDockerd } from "../../../../setup/dockerd.mjs";
import { northboundTcp, southboundTcp, startCentral } from "../central.ts";
import { consulProcess, consulUrl } from "../consul.ts";
import { removeContainers } from "../containers.ts";
import { boundStore } from "../fault-aids.ts";
import { Fleet } from "../fleet.ts";
import type { LabLayout } from "../layout.ts";
import { nodeLayout } from "../layout.ts";
import { removeLeftovers } from "../leftovers.ts";
import { natsProcess, natsUrl } from "../nats.ts";
import type { Datapath } from "@weft/host";
import { kernelDatapath, startNode } from "../node.ts";
import { requireFreePorts } from "../ports-free.ts";
import { widenReceiveQueues } from "../receive-queues.ts";
import { readProcess } from "../proc.ts";
import { gatewayUrls, startServices } from "../services.ts";
import type { LabEndpoints, LabState } from "../state.ts";
import { writeState } from "../state.ts";
import { layUnderlay } from "../underlay.ts";

export interface LabOptions {
  readonly nodes: number;
  readonly services: boolean;
}

export class Lab {
  readonly #layout: LabLayout;
  readonly #options: LabOptions;
  readonly #stopping = new AbortController();
  readonly #onStep: (text: string) => void;
  #state: LabState;
  #fleet: Fleet | undefined;
  #starting: Promise<void> = Promise.resolve();

  constructor(layout: LabLayout, options: LabOptions, onStep: (text: string) => void) {
    this.#layout = layout;
    this.#options = options;
    this.#onStep = onStep;
    const { pid } = process;
    this.#state = {
      id: layout.id,
      phase: "starting",
      step: "starting",
      supervisor: { pid, startTime: readProcess(pid)?.startTime ?? "" },
      nodes: options.nodes,
      services: options.services,
      startedAt: new Date().toISOString(),
    };
  }

  /** Resolves when the lab is ready; rejects when it cannot be, or was stopped meanwhile. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    const layout = this.#layout;
    const removed = await removeLeftovers(layout);
    this.#prepareFolder();
    if (removed.length > 0) this.#step(`removed ${removed.length} things that an earlier lab left`);
    await requireFreePorts(this.#options.services);
    await boundStore(layout, signal);
    const fleet = new Fleet({ labId: layout.id, logs: layout.logs, signal, note: (line) => this.note(line) });
    this.#fleet = fleet;
    const nodes = Array.from({ length: this.#options.nodes }, (_, at) => nodeLayout(layout, at + 1));
    this.#step("laying the underlay");
    const [datapath] = await Promise.all([kernelDatapath(signal), layUnderlay(nodes, signal)]);
    if (datapath === "netdev") widenReceiveQueues(layout);
    this.#step("starting NATS, Consul, Docker, OVN and the nodes");
    await allOrFirstFailure([
      fleet.start(natsProcess(layout)),
      fleet.start(consulProcess(layout)),
      this.#startDocker(fleet),
      this.#startNetwork(fleet, datapath),
    ]);
    const token = this.#writeToken();
    if (this.#options.services) {
      this.#step("starting Weft's services");
      await startServices({ lab: layout, nodes, datapath, token, fleet, signal });
    }
    signal.throwIfAborted();
    this.#update({
      phase: "ready",
      step: "ready",
      readyAt: new Date().toISOString(),
      endpoints: this.#endpoints(datapath),
    });
  }

  /** The databases first: a controller that finds no southbound database waits a second before it tries again. */
  async #startNetwork(fleet: Fleet, datapath: Datapath): Promise<void> {
    const { signal } = this.#stopping;
    const lab = this.#layout;
    await startCentral(lab, fleet, signal);
    const nodes = Array.from({ length: this.#options.nodes }, (_, at) => nodeLayout(lab, at + 1));
    await allOrFirstFailure(nodes.map((node) => startNode({ lab, node, datapath, fleet, signal })));
  }

  async #startDocker(fleet: Fleet): Promise<void> {
    if (await dockerAnswers()) return this.#update({ docker: "found" });
    this.#update({ docker: "ours" });
    const prepare = () => prepareDockerd(this.#layout.dockerFolder);
    await fleet.start({
      name: "dockerd",
      // Containers live on while the daemon is away, as shards must on any host.
      command: [...prepare(), "--live-restore"],
      // One that was killed leaves numbers of processes, its containerd's too, which may be others' by now.
      beforeStart: () => Promise.resolve(void prepare()),
      ready: dockerAnswers,
    });
    // Containers that a killed daemon of ours left came back with it.
    await removeContainers(this.#layout);
  }

  /** Ends everything and removes every trace. Safe at any moment, also while `start` is at work. */
  async stop(): Promise<void> {
    this.#stopping.abort(new WeftError("conflict", "The lab was stopped."));
    if (existsSync(this.#layout.folder)) this.#update({ phase: "stopping", step: "stopping" });
    await this.#starting.catch(() => {});
    await this.#fleet?.stopAll((name) => name !== "dockerd");
    if (this.#fleet !== undefined) await removeContainers(this.#layout);
    await this.#fleet?.stopAll(() => true);
    await removeLeftovers(this.#layout);
  }

  note(line: string): void {
    if (existsSync(this.#layout.logs))
      appendFileSync(path.join(this.#layout.logs, "supervisor.log"), `${new Date().toISOString()} ${line}\n`);
  }

  #prepareFolder(): void {
    mkdirSync(this.#layout.logs, { recursive: true });
    chmodSync(this.#layout.folder, 0o755);
    writeState(this.#layout, this.#state);
  }

  #writeToken(): string {
    const token = randomBytes(32).toString("hex");
    writeFileSync(this.#layout.tokenFile, `${token}\n`, { mode: 0o600 });
    return token;
  }

  #step(text: string): void {
    this.note(text);
    this.#update({ step: text });
    this.#onStep(text);
  }

  #update(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change };
    writeState(this.#layout, this.#state);
  }

  #endpoints(datapath: Datapath): LabEndpoints {
    const nodes = Array.from({ length: this.#options.nodes }, (_, at) => nodeLayout(this.#layout, at + 1));
    return {
      nats: natsUrl,
      consul: consulUrl,
      ...(this.#options.services ? { gateway: gatewayUrls[0], gateways: gatewayUrls } : {}),
      northbound: northboundTcp,
      southbound: southboundTcp,
      nodes: nodes.map(({ name, address, namespace, ovsdbSocket }) => ({
        name,
        address,
        namespace,
        ovsdb: `unix:${ovsdbSocket}`,
        datapath,
      })),
      tokenFile: this.#layout.tokenFile,
    };
  }
}

/** Waits for all even when one fails, so that nothing is still being started when the caller cleans up. */
async function allOrFirstFailure(parts: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(parts);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
