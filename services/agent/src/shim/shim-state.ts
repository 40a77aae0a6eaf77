/** What a shard's loop remembers from round to round. Nothing of it must outlive the agent: all can be read again. */
import type { Entry, View } from "@weft/bus";
import { createEmitter } from "@weft/runtime";
import type { Flow, ShimRecord } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { KnownCount } from "./known-looks.ts";
import type { ShimImage } from "./shim-image.ts";

export class ShimState {
  readonly changed = createEmitter();
  /** Undefined: nobody knows what there is. */
  image: ShimImage | undefined;
  fault: ShimRecord["fault"];
  /** Lists of others, as long as they are wanted. */
  readonly fetched = new Map<number, readonly Flow[]>();
  #namespaceInode: number | undefined;
  #count: KnownCount | undefined;
  #put: Entry<ShimRecord> | undefined;

  /** In another namespace nothing of the old one is left. */
  inNamespace(inode: number): void {
    if (this.#namespaceInode === inode) return;
    this.#namespaceInode = inode;
    this.image = undefined;
    this.#count = undefined;
  }

  get count(): KnownCount | undefined {
    return this.#count;
  }

  counted(count: KnownCount): void {
    this.#count = count;
    for (const [handoff, flows] of count.draining) this.image?.counts.set(handoff, flows);
    this.changed.emit();
  }

  /** The stream has these lists of the shard; those that it has lost are published again. */
  publishedAre(there: readonly number[]): void {
    const { published = new Map<number, number>() } = this.image ?? {};
    const lost = [...published.keys()].filter((handoff) => !there.includes(handoff));
    for (const handoff of lost) published.delete(handoff);
    if (lost.length > 0) this.changed.emit();
  }

  /** What the bucket says now; the view may be behind what was written here. */
  told(view: View<ShimRecord>, key: string): Entry<ShimRecord> | undefined {
    return this.#put !== undefined && this.#put.revision > view.revision ? this.#put : view.get(key);
  }

  wrote(entry: Entry<ShimRecord>): void {
    this.#put = entry;
  }

  lost(): void {
    this.image = undefined;
    this.changed.emit();
  }

  /** A record that somebody wrote meanwhile is no fault: the next round sees it. */
  failed(cause: unknown): void {
    if (cause instanceof WeftError && cause.code === "conflict") return;
    const code = cause instanceof WeftError ? cause.code : "internal";
    this.fault = { code, message: cause instanceof Error ? cause.message : String(cause) };
  }
}
