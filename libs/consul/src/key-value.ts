/**
 * Keys in Consul: what functions and other tools may read of Weft (`weft/slots/…`).
 * Reads and writes Consul's key-value store.
 * Weft's own records are not here but on the bus.
 */
import { call } from "./api.ts";

export async function putKey(url: string, key: string, value: string): Promise<void> {
  await call(url, `kv/${key}`, { method: "PUT", body: value });
}

export async function deleteKey(url: string, key: string): Promise<void> {
  await call(url, `kv/${key}`, { method: "DELETE" });
}

/** undefined: there is no such key. */
export async function getKey(url: string, key: string): Promise<string | undefined> {
  const { status, text } = await call(url, `kv/${key}`, { query: { raw: "true" } });
  return status === 404 ? undefined : text;
}
