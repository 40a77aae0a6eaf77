/**
 * The store that a follower reads a bucket from: when its stream was made, and the end of it, once the bucket is known to be another one.
 * Reads what the lineage saw last; makes nothing.
 * What a follower does then is left to follow-bucket.ts and follow-events.ts.
 */
import type { BucketName } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { LineageWatch } from "./lineage.ts";
import { unlessAborted } from "./unless-aborted.ts";

export type StoreLineage = Pick<LineageWatch, "look" | "looked" | "made">;

export interface Store extends Disposable {
  /** As the server says. Nothing else tells a store that came back empty from one in which everything was deleted. */
  readonly made: string;
  /** Aborted once the bucket is gone or was made anew: what is read from it is of the past, or never comes. */
  readonly over: AbortSignal;
}

/** Throws WeftError("unavailable") when there is no such bucket, and when `signal` is aborted before that is known. */
export async function storeOf(
  name: BucketName,
  { lineage, signal }: { readonly lineage: StoreLineage; readonly signal: AbortSignal },
): Promise<Store> {
  const made = (await unlessAborted(lineage.look(), signal)).get(name);
  if (made === undefined)
    throw new WeftError("unavailable", `There is no bucket for ${name}.`, { concerns: name });
  const over = new AbortController();
  const compare = () => {
    if (lineage.made(name) !== made) over.abort();
  };
  const unsubscribe = lineage.looked.subscribe(compare);
  compare(); // somebody may have looked later, and been answered sooner
  return { made, over: over.signal, [Symbol.dispose]: unsubscribe };
}
