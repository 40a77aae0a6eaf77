/**
 * Whether a shard's own links are there: looked up anew after the kernel told that some link changed, else remembered.
 * Reads the kernel's list of links in the node's namespace.
 */
import { createEmitter } from "@weft/runtime";
import type { Signal } from "@weft/runtime";
import type { ShardPlacement } from "@weft/schemas";
import { presentLinks } from "./wiring/links.ts";
import { linkNames } from "./wiring/names.ts";

export class LinkSight {
  readonly #changed = createEmitter();
  #present: ReadonlySet<string> | undefined;

  get changed(): Signal {
    return this.#changed;
  }

  /** Some link is another than before. */
  look(): void {
    this.#present = undefined;
    this.#changed.emit();
  }

  /** Those that traffic passes; whether its probe's are there, the probe tells. */
  hasAllOf(placement: ShardPlacement): boolean {
    this.#present ??= presentLinks();
    const present = this.#present;
    return linkNames(placement)
      .slice(0, placement.interfaces.length)
      .every((name) => present.has(name));
  }
}
