/**
 * Lets the agent act only on the store that it knows, or on one that wants nothing gone (libs/decide, judgeStore), and in which no
 * bucket that it acts on was lost alone (libs/bus, lineage).
 * While it does not, what runs goes on running; the log and the node's record say what an operator can do.
 */
import { guardBuckets } from "@weft/bus";
import type { BucketGuard, Lineage } from "@weft/bus";
import { judgeStore } from "@weft/decide";
import type { ProvisionSeen } from "@weft/decide";
import { createEmitter } from "@weft/runtime";
import type { Log, Signal } from "@weft/runtime";
import type { NodeRecord } from "@weft/schemas";
import type { StoreMemory, Stores } from "./store-memory.ts";

/** All that an agent reads: an operator is told of each on the node's record. */
const agentBuckets = ["placements", "slots", "realized", "nodes", "access"] as const;

export class StoreGuard {
  readonly #memory: StoreMemory;
  readonly #stores: () => Stores;
  readonly #lineage: Lineage;
  /** Of those that this node's instances hang on. */
  readonly #buckets: BucketGuard;
  readonly #log: Log;
  readonly #changed = createEmitter();
  #fault: NodeRecord["fault"];

  constructor(o: {
    readonly memory: StoreMemory;
    readonly stores: () => Stores;
    readonly lineage: Lineage;
    readonly log: Log;
  }) {
    this.#memory = o.memory;
    this.#stores = o.stores;
    this.#lineage = o.lineage;
    this.#buckets = guardBuckets(o.lineage, ["placements", "slots"], o.log);
    this.#log = o.log;
  }

  /** Emits when the fault of a strange store comes or goes; the lineage has a signal of its own. */
  get changed(): Signal {
    return this.#changed;
  }

  get fault(): NodeRecord["fault"] {
    return this.#fault ?? guardBuckets(this.#lineage, agentBuckets, this.#log).fault();
  }

  mayAct(seen: ProvisionSeen): boolean {
    if (!this.#buckets.mayAct()) return false;
    const stores = this.#stores();
    const verdict = judgeStore({
      remembered: this.#memory.remembered()?.placements,
      current: stores.placements,
      things: seen.things.keys(),
      placed: new Set(seen.placements.map(({ placement }) => placement.uid)),
    });
    // A bucket of members that was lost alone and accepted since is known from now on.
    const accepted = this.#memory.isStrange("access", stores.access) && !this.#lineage.lost().has("access");
    if (verdict.kind === "adopt" || (verdict.kind === "known" && accepted)) this.#memory.remember(stores);
    this.#tell(verdict.kind === "strange" ? verdict.unplaced : []);
    return verdict.kind !== "strange";
  }

  #tell(unplaced: readonly string[]): void {
    const message = `The records come from another store, which does not know ${unplaced.length} of the things that run here. Nothing is changed until they are back, or until ${this.#memory.file} is deleted.`;
    const fault = unplaced.length === 0 ? undefined : { code: "store-lost" as const, message };
    if (fault?.message === this.#fault?.message) return;
    this.#fault = fault;
    if (fault === undefined) this.#log.info("the records are those of the things here: going on");
    else this.#log.error({ code: fault.code, unplaced }, message);
    this.#changed.emit();
  }
}
