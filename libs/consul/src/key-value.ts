/**
 * Keys in Consul: what functions and other tools may read of Weft (`weft/slots/…`).
 * Reads and writes Consul's key-value store.
 * Weft's own records are not here but on the bus.
 */
import { z } from "zod";
import { ask, tell } from "./api.ts";

const Items = z.array(z.object({ Key: z.string() }));
const Item = z.object({ Value: z.string().nullable() });

export function putKey(url: string, key: string, value: string): Promise<void> {
  return tell(url, (consul, bounds) => consul.kv.set({ key, value, ...bounds }));
}

export function deleteKey(url: string, key: string): Promise<void> {
  return tell(url, (consul, bounds) => consul.kv.del({ key, ...bounds }));
}

/** undefined: there is no such key. */
export async function getKey(url: string, key: string): Promise<string | undefined> {
  const { body } = await ask(url, Item, (consul, bounds) => consul.kv.get({ key, ...bounds }));
  return body === undefined ? undefined : (body.Value ?? "");
}

/** All keys that begin so; none where there is no such key. */
export async function listKeys(url: string, prefix: string): Promise<string[]> {
  // Without their values the package takes "none" for an error.
  const wanted = { key: prefix, recurse: true };
  const { body } = await ask(url, Items, (consul, bounds) => consul.kv.get({ ...wanted, ...bounds }));
  return (body ?? []).map(({ Key }) => Key);
}
