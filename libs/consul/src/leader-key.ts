/**
 * The key whose lock elects the leader of a service, and what its value says.
 * Reads Consul's key-value store.
 * Taking and losing the lock is left to stand-for-leader.ts.
 */
import { z } from "zod";
import type { CallOptions } from "./api.ts";
import { call, parseAnswer } from "./api.ts";

const Item = z.object({
  LockIndex: z.number().int(),
  Session: z.string().optional(),
  Value: z.string().nullable(),
});
const Holder = z.object({
  /** The id of the copy that took the lock last. */
  id: z.string(),
  /** Added to the lock's count of holders, so that epochs grow even over the loss of Consul's data. */
  epochBase: z.number().int(),
});
export type Holder = z.infer<typeof Holder>;

export interface LeaderLock {
  /** The session that holds it. */
  readonly session: string | undefined;
  readonly holder: Holder | undefined;
  /** How often it was taken. */
  readonly taken: number;
  /** For the next long poll. */
  readonly index: string;
}

export function leaderKey(service: string): string {
  return `weft/leader/${service}`;
}

/** With `index` the call returns when the lock changes or the wait (`wait`, e.g. "10s") ends. */
export async function readLock(
  url: string,
  service: string,
  o: { readonly index?: string; readonly wait?: string } & Pick<CallOptions, "signal" | "timeoutMs"> = {},
): Promise<LeaderLock> {
  const { index, wait, ...rest } = o;
  const query = { ...(index === undefined ? {} : { index }), ...(wait === undefined ? {} : { wait }) };
  const path = `kv/${leaderKey(service)}`;
  const answer = await call(url, path, { ...rest, query });
  const [item] = answer.status === 404 ? [] : parseAnswer(z.array(Item), answer.text, path);
  return {
    session: item?.Session,
    holder: item === undefined ? undefined : readHolder(item.Value),
    taken: item?.LockIndex ?? 0,
    index: answer.index,
  };
}

/** The id of the copy that leads, or undefined while none does. */
export async function leaderOf(url: string, service: string): Promise<string | undefined> {
  const { session, holder } = await readLock(url, service);
  return session === undefined ? undefined : holder?.id;
}

function readHolder(value: string | null): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(Buffer.from(value ?? "", "base64").toString("utf8")));
  } catch {
    return undefined; // somebody else's value: as if nobody had led yet
  }
}
