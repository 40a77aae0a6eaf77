/**
 * JSON as it travels: what JSON.parse may return, and the two guards that the other layers read it with.
 * Reads unknown values, writes nothing.
 * What the values mean is left to wire.ts and the codecs.
 */
export type Json = null | string | number | boolean | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
