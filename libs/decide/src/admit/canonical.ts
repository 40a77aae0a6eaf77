/** Canonical text of plain JSON: equal for equal values whatever the order of their keys. `undefined` counts as absent. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`);
  return `{${fields.join(",")}}`;
}

/** Whether both have one canonical text, without making it: most of what is compared is equal, and is so on every look. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return isNothing(a) && isNothing(b);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, place) => isSameJson(each, b[place]))
    );
  const one = Object.entries(a).filter(([, field]) => field !== undefined);
  const other = new Map(Object.entries(b).filter(([, field]) => field !== undefined));
  return (
    one.length === other.size &&
    one.every(([key, field]) => other.has(key) && isSameJson(field, other.get(key)))
  );
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}
