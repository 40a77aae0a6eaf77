/**
 * The key whose lock elects the leader of a service, and what its value says.
 * Reads Consul's key-value store.
 * Taking and losing the lock is left to stand-for-leader.ts.
 */
import { z } from "zod";
import type { AskOptions } from "./api.ts";
import { ask } from "./api.ts";

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

export interface ReadOptions extends AskOptions {
  /** Answers when the lock is newer than `index`, or after `wait` (e.g. "10s"). */
  readonly poll?: { readonly index: string; readonly wait: string };
  /**
   * Not before everything that Consul has acknowledged is in force. Epochs were seen to fall back and come back around restarts of Consul,
   * as by answers given while it goes through its log: as if there were nothing, then with what was true long ago.
   */
  readonly whole?: boolean;
}

export async function readLock(url: string, service: string, o: ReadOptions = {}): Promise<LeaderLock> {
  const query = { key: leaderKey(service), ...o.poll, ...(o.whole === true ? { consistent: true } : {}) };
  const { body, index } = await ask(url, Item, (consul, bounds) => consul.kv.get({ ...query, ...bounds }), o);
  return {
    session: body?.Session,
    holder: body === undefined ? undefined : readHolder(body.Value),
    taken: body?.LockIndex ?? 0,
    index,
  };
}

/** The id of the copy that leads, or undefined while none does. */
export async function leaderOf(url: string, service: string): Promise<string | undefined> {
  const { session, holder } = await readLock(url, service);
  return session === undefined ? undefined : holder?.id;
}

function readHolder(value: string | null): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(value ?? ""));
  } catch {
    return undefined; // somebody else's value: as if nobody had led yet
  }
}
