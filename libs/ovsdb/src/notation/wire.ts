/**
 * RFC 7047 section 5.1 as types: values, rows, conditions and mutations in the JSON that servers speak.
 * Describes only; nothing here reads or writes.
 * Friendly TypeScript values and their conversion are left to value.ts, encode.ts and decode.ts.
 */
export type WireAtom =
  | string
  | number
  | boolean
  | readonly ["uuid", string]
  | readonly ["named-uuid", string];
export type WireSet = readonly ["set", readonly WireAtom[]];
export type WireMap = readonly ["map", readonly (readonly [WireAtom, WireAtom])[]];
export type WireValue = WireAtom | WireSet | WireMap;
export type WireRow = { readonly [column: string]: WireValue };

export type ConditionFunction = "<" | "<=" | "==" | "!=" | ">=" | ">" | "includes" | "excludes";
export type WireCondition = readonly [column: string, fn: ConditionFunction, value: WireValue];

export type Mutator = "+=" | "-=" | "*=" | "/=" | "%=" | "insert" | "delete";
export type WireMutation = readonly [column: string, mutator: Mutator, value: WireValue];
