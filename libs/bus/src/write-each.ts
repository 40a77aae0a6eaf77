/**
 * Many writes of which each stands by itself, at the cost of one: all go as one batch; only when that is refused, because
 * some record changed meanwhile, each goes alone, so that the refused ones take none of the others with them.
 */
import type { BucketName, Records } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { Connection } from "./connection.ts";
import type { Write } from "./write.ts";
import { maxBatch, write } from "./write.ts";

/** Returns the keys that were refused. Throws WeftError: unavailable or timeout. */
export async function writeEach<N extends BucketName>(
  connection: Connection,
  name: N,
  writes: readonly Write<Records[N]>[],
): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  for (let from = 0; from < writes.length; from += maxBatch) {
    const some = writes.slice(from, from + maxBatch);
    if (await isWritten(connection, name, some)) continue;
    const alone = await Promise.all(
      some.map(async (one) =>
        some.length > 1 && (await isWritten(connection, name, [one])) ? [] : [one.key],
      ),
    );
    for (const key of alone.flat()) refused.add(key);
  }
  return refused;
}

async function isWritten<N extends BucketName>(
  connection: Connection,
  name: N,
  writes: readonly Write<Records[N]>[],
): Promise<boolean> {
  try {
    await write(connection, name, writes);
    return true;
  } catch (error) {
    if (error instanceof WeftError && error.code === "conflict") return false;
    throw error;
  }
}
