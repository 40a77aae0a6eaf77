/**
 * Follows what one shard of this node tracks and tells its peers' agents: the kernel's events as they come, gathered for a moment,
 * and a listing beneath them for what events missed. Reads the shard's namespace (tracking.ts); writes messages alone.
 */
import { randomUUID } from "node:crypto";
import type { Holder } from "@weft/drivers";
import type { TrackedMarks } from "@weft/functions";
import { trackedAskSubject, trackedSubject } from "@weft/schemas";
import type { ShardPlacement, TrackedTold } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import { TrackedTable } from "./tracked-table.ts";
import { trackingIn } from "./tracking.ts";
import type { Tracking } from "./tracking.ts";

/** What happened in so long is told together: connections younger than this may be lost in a crash. */
const gatheredMs = 50;
/** Who hears nothing for so long knows that something is missing. */
const beatMs = 1_000;
const listedEveryMs = 60_000;
const againAfterMs = 1_000;
/** A message holds 1 MB. */
const perMessage = 3_000;

export interface FollowOrder {
  readonly shard: ShardPlacement;
  readonly holder: Holder & { readonly namespacePath: string };
  readonly life: string;
  readonly marks: TrackedMarks;
}

export class OwnFlows implements Disposable {
  readonly #order: FollowOrder;
  readonly #ports: Pick<AgentPorts, "bus" | "clock" | "log">;
  readonly #tracking: Tracking;
  readonly #table: TrackedTable;
  readonly #run = randomUUID();
  readonly #open = new DisposableStack();
  readonly #timers = new Map<string, Disposable>();
  #number = 0;
  #listing = false;
  /** Before, what is known is no whole. */
  #isListed = false;
  #following: Disposable | undefined;

  constructor(
    order: FollowOrder,
    ports: Pick<AgentPorts, "bus" | "clock" | "log">,
    tracking: Tracking = trackingIn(order.holder.namespacePath),
  ) {
    this.#order = order;
    this.#ports = ports;
    this.#tracking = tracking;
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
    this.#following?.[Symbol.dispose]();
  }

  #follow(): void {
    this.#following = this.#tracking.follow({
      line: (line) => {
        if (this.#table.event(line)) this.#soon("tell", gatheredMs, () => this.#tellChanges());
      },
      listens: () => void this.#list(),
      missed: () => this.#listSoon(),
      failed: (err) => this.#warn(err, "a shard's connections cannot be followed"),
      ended: () => this.#soon("follow", againAfterMs, () => this.#follow()),
    });
  }

  /** What could not be listed is not told as if it were all. */
  async #list(): Promise<void> {
    if (this.#listing) return this.#listSoon();
    this.#listing = true;
    this.#table.listing();
    const listed = await this.#tracking.list().then(
      (text) => ({ text }),
      (err: unknown) => ({ err }),
    );
    this.#listing = false;
    if (this.#open.disposed) return;
    if ("err" in listed) {
      this.#warn(listed.err, "a shard's connections cannot be listed");
      return this.#listSoon();
    }
    this.#table.listed(listed.text);
    this.#isListed = true;
    if (this.#number === 0) this.#tellWhole();
    else this.#tellChanges();
    this.#soon("list", listedEveryMs, () => void this.#list());
  }

  #listSoon(): void {
    this.#soon("missed", againAfterMs, () => void this.#list());
  }

  #warn(err: unknown, what: string): void {
    this.#ports.log.warn({ err, shard: this.#order.shard.name }, what);
  }

  #tellWhole(): void {
    if (this.#isListed) this.#tell({ come: this.#table.whole(), gone: [] }, true);
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
    if (this.#open.disposed) return;
    this.#timers.get(what)?.[Symbol.dispose]();
    const timer = this.#ports.clock.after(ms, () => {
      this.#timers.delete(what);
      run();
    });
    this.#timers.set(what, timer);
  }
}
