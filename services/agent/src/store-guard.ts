/**
 * Lets the agent act only on the store that it knows, or on one that wants nothing gone (libs/decide, judgeStore).
 * While it does not, what runs goes on running; the log and the node's record say what an operator can do.
 */
import { judgeStore } from "@weft/decide";
import type { ProvisionSeen } from "@weft/decide";
import { createEmitter } from "@weft/runtime";
import type { Log, Signal } from "@weft/runtime";
import type { NodeRecord } from "@weft/schemas";
import type { StoreMemory, Stores } from "./store-memory.ts";

export class StoreGuard {
  readonly #memory: StoreMemory;
  readonly #stores: () => Stores;
  readonly #log: Log;
  readonly #changed = createEmitter();
  #fault: NodeRecord["fault"];

  constructor(o: { readonly memory: StoreMemory; readonly stores: () => Stores; readonly log: Log }) {
    this.#memory = o.memory;
    this.#stores = o.stores;
    this.#log = o.log;
  }

  /** Emits when the fault comes or goes. */
  get changed(): Signal {
    return this.#changed;
  }

  get fault(): NodeRecord["fault"] {
    return this.#fault;
  }

  mayAct(seen: ProvisionSeen): boolean {
    const stores = this.#stores();
    const verdict = judgeStore({
      remembered: this.#memory.remembered()?.placements,
      current: stores.placements,
      things: seen.things.keys(),
      placed: new Set(seen.placements.map(({ placement }) => placement.uid)),
    });
    if (verdict.kind === "adopt") this.#memory.remember(stores);
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
