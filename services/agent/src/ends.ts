/**
 * What a runtime told of ends. An answer that was on its way when something ended still calls it running: it must not be
 * believed, or a shard that failed would be called well again for a moment and get its slots back.
 */
import type { Ended, Owned } from "@weft/drivers";

export class Ends {
  /** By id: when what ended had been started. A holder is never started again, an instance may be. */
  readonly #ended = new Map<string, string | undefined>();

  note({ id, role }: Ended, { instance }: Owned): void {
    this.#ended.set(id, role === "instance" && instance?.id === id ? instance.startedAt : undefined);
  }

  appliedTo(owned: Owned): Owned {
    const { holder, instance } = owned;
    return {
      ...owned,
      ...(holder?.running === true && this.#ended.has(holder.id)
        ? { holder: { id: holder.id, running: false } }
        : {}),
      ...(instance?.running === true && this.#isEnded(instance)
        ? { instance: { ...instance, running: false } }
        : {}),
    };
  }

  /** Forgets what nobody names any more. */
  keep(all: readonly Owned[]): void {
    const ids = new Set(all.flatMap(({ holder, instance }) => [holder?.id, instance?.id]));
    for (const id of this.#ended.keys()) if (!ids.has(id)) this.#ended.delete(id);
  }

  #isEnded({ id, startedAt }: NonNullable<Owned["instance"]>): boolean {
    return this.#ended.has(id) && this.#ended.get(id) === startedAt;
  }
}
