/**
 * Row identities: a real UUID as a branded string, and the name that a row inserted in the same transaction goes by.
 * Reads strings, writes branded ones.
 * The wire forms ["uuid", …] and ["named-uuid", …] are left to the codecs.
 */
declare const brand: unique symbol;

/** A row's UUID, in lower case as the server writes it. */
export type Uuid = string & { readonly [brand]: "uuid" };

/** A row inserted in the same transaction under this `uuid-name` (RFC 7047 section 5.1, `<named-uuid>`). */
export interface NamedUuid {
  readonly named: string;
}

export type Reference = Uuid | NamedUuid;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const idPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isUuid(value: unknown): value is Uuid {
  return typeof value === "string" && uuidPattern.test(value);
}

/** RFC 7047 section 3.1: `<id>` has letters, digits and underscores only, so a name with a dash is no uuid-name. */
export function isId(value: string): boolean {
  return idPattern.test(value);
}

/** Spells any text as an `<id>`, different texts differently: `a-b` becomes `row_a_2d_b`. */
export function rowName(text: string): string {
  return `row_${text.replaceAll(/[^A-Za-z0-9]/gu, (sign) => `_${(sign.codePointAt(0) ?? 0).toString(16)}_`)}`;
}

/** What a UUID column holds when nothing was ever written to it (RFC 7047 section 5.2.1). */
export const zeroUuid = "00000000-0000-0000-0000-000000000000" as Uuid;
