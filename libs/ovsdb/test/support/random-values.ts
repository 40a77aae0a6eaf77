/**
 * Random values that a column can hold: within its range, its enumeration and its bounds on size; references as they are given.
 * Reads a column's type, returns friendly values. Few different ones, so that equal ones meet: in sets, in conditions, in indexes.
 * Which rows are written is left to random-transactions.ts.
 */
import type { BaseType, ColumnType } from "../../src/notation/column-type.ts";
import { shapeOf } from "../../src/notation/column-type.ts";
import type { Reference } from "../../src/notation/uuid.ts";
import type { Value } from "../../src/notation/value.ts";
import type { Written } from "../../src/notation/written.ts";
import type { Draw } from "./draw.ts";

type DrawnAtom = string | number | boolean | Reference;
export type Drawn = Written<Value>;
export interface Source {
  readonly draw: Draw;
  /** A reference to a row of that table; undefined where there is none to be had. */
  readonly refer: (table: string) => Reference | undefined;
}

const words = ["", "a", "b", "web", "x y", 'quote "', "back \\ slash", "ü€😀", "line\nend", "__proto__"];
const strangers = Array.from({ length: 4 }, (_, at) => `00000000-0000-4000-8000-00000000000${at}`);
const mostElements = 5;

/** None where the column needs a reference and there is none to be had: it cannot be written now. */
export function drawValue(type: ColumnType, from: Source): { readonly value: Drawn } | undefined {
  const atoms = drawAtoms(type, from);
  if (atoms.length < type.min) return undefined;
  switch (shapeOf(type)) {
    case "scalar":
    case "optional":
      return { value: atoms[0] as Drawn };
    case "set":
      return { value: atoms as Drawn };
    case "record":
      return { value: Object.fromEntries(drawPairs(atoms, type, from)) as Drawn };
    case "map":
      return { value: new Map(drawPairs(atoms, type, from)) as Drawn };
  }
}

function drawAtoms(type: ColumnType, from: Source): readonly DrawnAtom[] {
  const most = Math.min(type.max === "unlimited" ? mostElements : type.max, mostElements);
  const size = type.min + from.draw.below(most - type.min + 1);
  const drawn = Array.from({ length: size }, () => drawAtom(type.key, from));
  const distinct = new Map(drawn.map((atom) => [JSON.stringify(atom), atom]));
  return [...distinct.values()].filter((atom) => atom !== undefined);
}

function drawPairs(
  keys: readonly DrawnAtom[],
  { value }: ColumnType,
  from: Source,
): readonly (readonly [DrawnAtom, DrawnAtom])[] {
  return keys.flatMap((key) => {
    const item = value === undefined ? undefined : drawAtom(value, from);
    return item === undefined ? [] : [[key, item] as const];
  });
}

function drawAtom(base: BaseType, from: Source): DrawnAtom | undefined {
  if (base.enum !== undefined) return from.draw.pick(base.enum);
  switch (base.type) {
    case "boolean":
      return from.draw.chance(0.5);
    case "integer":
      return drawInteger(base, from.draw);
    case "real":
      return (base.minReal ?? 0) + from.draw.below(40) / 8;
    case "string":
      return drawText(base, from.draw);
    case "uuid":
      return base.refTable === undefined
        ? (from.draw.pick(strangers) as Reference | undefined)
        : from.refer(base.refTable);
  }
}

function drawInteger({ minInteger, maxInteger }: BaseType, draw: Draw): number {
  const low = minInteger ?? (maxInteger === undefined ? -8 : Math.min(0, maxInteger));
  const high = Math.min(maxInteger ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (draw.chance(0.1)) return draw.chance(0.5) ? low : high;
  return Math.min(high, low + draw.below(draw.chance(0.5) ? 16 : 60_000));
}

function drawText({ minLength = 0, maxLength = 1_000 }: BaseType, draw: Draw): string {
  const text = draw.chance(0.5) ? (draw.pick(words) ?? "") : `n${draw.below(100_000)}`;
  return text.padEnd(minLength, "-").slice(0, maxLength);
}
