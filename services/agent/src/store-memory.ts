/**
 * Which store of records the agent acted on last, kept in its state folder: a store that lost its data and came back empty
 * looks like one in which nothing is wanted. An operator who means it deletes the file.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const Stores = z.strictObject({ placements: z.string(), access: z.string() });
/** When each bucket was made, as the server says. */
export type Stores = z.infer<typeof Stores>;

export class StoreMemory {
  readonly file: string;

  constructor(stateDir: string) {
    this.file = path.join(stateDir, "store.json");
  }

  /** Read each time: it may be deleted meanwhile. */
  remembered(): Stores | undefined {
    try {
      return Stores.parse(JSON.parse(readFileSync(this.file, "utf8")));
    } catch {
      return undefined;
    }
  }

  remember(stores: Stores): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(stores));
    renameSync(`${this.file}.new`, this.file);
  }

  isStrange(bucket: keyof Stores, store: string): boolean {
    const known = this.remembered()?.[bucket];
    return known !== undefined && known !== store;
  }
}
