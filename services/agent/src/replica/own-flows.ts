/**
 * Follows what one shard of this node tracks and tells its peers' agents: the kernel's events as they come, gathered for a moment,
 * and a listing beneath them for what events missed. Reads the shard's namespace by `conntrack`; writes messages alone.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { hostEnvironment, runOnHost } from "@weft/drivers";
import type { Holder } from "@weft/drivers";
import type { TrackedMarks } from "@weft/functions";
import { trackedAskSubject, trackedSubject } from "@weft/schemas";
import type { ShardPlacement, TrackedTold } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import { TrackedTable } from "./tracked-table.ts";

/** What happened in so long is told together: connections younger than this may be lost in a crash. */
const gatheredMs = 50;
/** Who hears nothing for so long knows that something is missing. */
const beatMs = 1_000;
const listedEveryMs = 60_000;
const againAfterMs = 1_000;
/** A message holds 1 MB. */
const perMessage = 3_000;
/** 20,000 events that nobody has read yet. */
const bufferBytes = String(8_388_608);

export interface FollowOrder {
  readonly shard: ShardPlacement;
  readonly holder: Holder & { readonly namespacePath: string };
  readonly life: string;
  readonly marks: TrackedMarks;
}

export class OwnFlows implements Disposable {
  readonly #order: FollowOrder;
  readonly #ports: Pick<AgentPorts, "bus" | "clock" | "log">;
  readonly #table: TrackedTable;
  readonly #run = randomUUID();
  readonly #open = new DisposableStack();
  readonly #timers = new Map<string, Disposable>();
  #number = 0;
  #listing = false;
  #child: ChildProcess | undefined;

  constructor(order: FollowOrder, ports: Pick<AgentPorts, "bus" | "clock" | "log">) {
    this.#order = order;
    this.#ports = ports;
    this.#table = new TrackedTable(order.marks);
    const { tenant, group, name } = order.shard;
    const ask = trackedAskSubject({ tenant, group }, name);
    this.#open.use(ports.bus.subscribe(ask, () => this.#soon("whole", gatheredMs, () => this.#tellWhole())));
    this.#follow();
  }

  get life(): string {
    return this.#order.life;
  }

  get shard(): ShardPlacement {
    return this.#order.shard;
  }

  get size(): number {
    return this.#table.size;
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#child?.removeAllListeners("close").kill("SIGKILL");
  }

  /**
   * It keeps the namespace alive beyond its holder, until the agent hears of the holder's end and stops it; without the agent the
   * kernel ends it at once.
   */
  #follow(): void {
    const within = ["nsenter", `--net=${this.#order.holder.namespacePath}`, "--"];
    const args = ["--pdeathsig", "KILL", ...within, "conntrack", "--event", "--buffer-size", bufferBytes];
    const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], env: hostEnvironment() });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (this.#table.event(line)) this.#soon("tell", gatheredMs, () => this.#tellChanges());
    });
    // It says so once it listens, and whenever it has missed something.
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.includes("buffer size has been set")) void this.#list();
      else if (line.includes("ENOBUFS")) this.#soon("missed", againAfterMs, () => void this.#list());
    });
    child.once("error", (err) => this.#ports.log.warn({ err }, "a shard's connections cannot be followed"));
    child.once("close", () => this.#soon("follow", againAfterMs, () => this.#follow()));
  }

  async #list(): Promise<void> {
    if (this.#listing) return this.#soon("missed", againAfterMs, () => void this.#list());
    this.#listing = true;
    this.#table.listing();
    const argv = ["nsenter", `--net=${this.#order.holder.namespacePath}`, "--", "conntrack", "--dump"];
    try {
      const { code, stdout } = await runOnHost({ argv });
      if (this.#open.disposed) return;
      if (code === 0) this.#table.listed(stdout);
    } catch (err) {
      this.#ports.log.warn({ err, shard: this.#order.shard.name }, "a shard's connections cannot be listed");
    }
    this.#listing = false;
    if (this.#open.disposed) return;
    if (this.#number === 0) this.#tellWhole();
    else this.#tellChanges();
    this.#soon("list", listedEveryMs, () => void this.#list());
  }

  #tellWhole(): void {
    this.#tell({ come: this.#table.whole(), gone: [] }, true);
  }

  #tellChanges(): void {
    if (this.#number > 0) this.#tell(this.#table.untold(), false);
  }

  #tell({ come, gone }: Pick<TrackedTold, "come" | "gone">, whole: boolean): void {
    const { shard, life } = this.#order;
    const { tenant, group, name } = shard;
    const parts = Math.max(1, Math.ceil(Math.max(come.length, gone.length) / perMessage));
    for (let part = 0; part < parts; part += 1) {
      const [from, to] = [part * perMessage, (part + 1) * perMessage];
      this.#number += 1;
      const told: TrackedTold = {
        shard: name,
        life,
        run: this.#run,
        number: this.#number,
        whole: whole && part === 0,
        follow: whole ? parts - 1 - part : 0,
        come: come.slice(from, to),
        gone: gone.slice(from, to),
      };
      this.#ports.bus.publish(trackedSubject({ tenant, group }, name), told);
    }
    this.#later("beat", beatMs, () => this.#tellChanges());
  }

  /** Once, however often it is asked for until then. */
  #soon(what: string, ms: number, run: () => void): void {
    if (!this.#timers.has(what)) this.#later(what, ms, run);
  }

  #later(what: string, ms: number, run: () => void): void {
    this.#timers.get(what)?.[Symbol.dispose]();
    const timer = this.#ports.clock.after(ms, () => {
      this.#timers.delete(what);
      run();
    });
    this.#timers.set(what, timer);
  }
}
