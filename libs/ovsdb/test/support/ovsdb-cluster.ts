/**
 * A real cluster for one test: several ovsdb-servers that keep one database by RAFT, in one folder, over unix sockets, no root.
 * Starts ovsdb-tool and ovsdb-server, stops only what it started; `await using` removes the folder too.
 * What is written to it is left to the tests.
 */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const schema = fileURLToPath(new URL("../../schemas/ovn-northbound.ovsschema", import.meta.url));
const name = "OVN_Northbound";
const deadlineMs = 15_000;
const pollMs = 20;

export class OvsdbCluster implements AsyncDisposable {
  readonly folder: string;
  readonly size: number;
  readonly #processes = new Map<number, ChildProcess>();

  private constructor(folder: string, size: number) {
    this.folder = folder;
    this.size = size;
  }

  static async start(size = 3): Promise<OvsdbCluster> {
    const cluster = new OvsdbCluster(await mkdtemp(join(tmpdir(), "ovsdb-")), size);
    try {
      await run("ovsdb-tool", [
        "--election-timer=200",
        "create-cluster",
        cluster.#file(0),
        schema,
        cluster.#raft(0),
      ]);
      await cluster.up(0);
      for (let member = 1; member < size; member += 1) {
        await run("ovsdb-tool", [
          "join-cluster",
          cluster.#file(member),
          name,
          cluster.#raft(member),
          cluster.#raft(0),
        ]);
        await cluster.up(member);
      }
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** All members, in their order or beginning with another. */
  remotes(first = 0): string {
    return Array.from({ length: this.size }, (_, at) => this.remote((first + at) % this.size)).join(",");
  }

  remote(member: number): string {
    return `unix:${join(this.folder, `${member}.sock`)}`;
  }

  /** Starts a member and waits until it is part of the cluster. */
  async up(member: number): Promise<void> {
    const child = spawn(
      "ovsdb-server",
      [
        `--remote=p${this.remote(member)}`,
        `--unixctl=${join(this.folder, `${member}.ctl`)}`,
        "--no-chdir",
        "-vconsole:off",
        "-vsyslog:off",
        this.#file(member),
      ],
      { stdio: "ignore" },
    );
    this.#processes.set(member, child);
    await this.#until(
      async () => /Status: cluster member/.test(await this.#status(member)),
      `${member} joins`,
    );
  }

  /** Ends a member the hard way, as a crash would. */
  async kill(member: number): Promise<void> {
    const child = this.#processes.get(member);
    this.#processes.delete(member);
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** The member that leads among those that run, as soon as there is one. */
  async leader(): Promise<number> {
    let leader: number | undefined;
    await this.#until(async () => {
      for (const member of this.#processes.keys()) {
        leader = /Role: leader/.test(await this.#status(member)) ? member : leader;
      }
      return leader !== undefined;
    }, "a leader is elected");
    return leader ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((member) => this.kill(member)));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #status(member: number): Promise<string> {
    const ctl = join(this.folder, `${member}.ctl`);
    try {
      return (await run("ovs-appctl", ["-t", ctl, "cluster/status", name])).stdout;
    } catch {
      // Not listening yet.
      return "";
    }
  }

  async #until(reached: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    while (!(await reached())) {
      if (Date.now() > deadline) {
        throw new Error(`${what}: not within ${deadlineMs} ms`);
      }
      await delay(pollMs);
    }
  }

  #file(member: number): string {
    return join(this.folder, `${member}.db`);
  }

  #raft(member: number): string {
    return `unix:${join(this.folder, `${member}.raft`)}`;
  }
}
