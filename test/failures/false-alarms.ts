/**
 * False alarms: shards called failed and nodes called lost that were not. Reads Weft's own events for as long as a run lasts;
 * the run says beforehand what it breaks. Any run under load can have one beside it, and prints its count.
 */
import type { Bus } from "@weft/bus";
import { WeftEvent, eventsWildcard } from "@weft/schemas";

const alarms: ReadonlySet<string> = new Set(["dev.weft.shard.failed", "dev.weft.node.lost"]);

export class FalseAlarms implements Disposable {
  readonly #following: Disposable;
  readonly #false: string[] = [];
  #broken: ReadonlySet<string> = new Set();

  constructor(bus: Pick<Bus, "subscribe">) {
    this.#following = bus.subscribe(eventsWildcard, (data) => {
      const { success, data: event } = WeftEvent.safeParse(data);
      if (!success || !alarms.has(event.type)) return;
      const name = event.subject.split("/").at(-1) ?? "";
      if (!this.#broken.has(name)) this.#false.push(`${event.time} ${event.type} ${event.subject}`);
    });
  }

  /** From now on these are broken, or may still be called so, and nothing else. */
  broken(...names: readonly string[]): void {
    this.#broken = new Set(names);
  }

  /** What was called dead and was not. */
  get found(): readonly string[] {
    return this.#false;
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }
}
