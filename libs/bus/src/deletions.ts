/**
 * The revisions at which keys were deleted, as the views of one bus saw them.
 * A deleted key does not exist, but the server expects its deletion's revision of whoever makes it anew, not 0. Knowing it
 * saves a refusal and a question for each key. What is not known here, or is out of date, is asked of the server in write.ts.
 */
import type { BucketName } from "@weft/schemas";

export class Deletions {
  readonly #revisions = new Map<string, number>();

  /** `revision` undefined: the key is there. */
  note(name: BucketName, key: string, revision: number | undefined): void {
    if (revision === undefined) this.#revisions.delete(`${name} ${key}`);
    else this.#revisions.set(`${name} ${key}`, revision);
  }

  revision(name: BucketName, key: string): number | undefined {
    return this.#revisions.get(`${name} ${key}`);
  }
}
