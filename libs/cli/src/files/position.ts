/**
 * Where in a file a fault is: a path such as `documents[2].spec.subnets[0]` mapped back to the node that it names.
 * What is missing has no node, so the nearest one around it stands for it. Pure, over the `yaml` package's nodes.
 */
import type { Document, LineCounter, Node } from "yaml";
import { isMap, isNode, isScalar, isSeq } from "yaml";

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `spec.rules[0].from` → ["spec", "rules", 0, "from"]; keys with other characters stand in ["…"]. */
export function pathParts(path: string): (string | number)[] {
  const parts: (string | number)[] = [];
  for (const [, key, index, quoted] of path.matchAll(/([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    if (key !== undefined) parts.push(key);
    else if (index !== undefined) parts.push(Number(index));
    else if (quoted !== undefined) parts.push(String(JSON.parse(quoted)));
  }
  return parts;
}

/** Position of the node at the path within one document, or of the nearest around it. */
export function positionOf(
  document: Document,
  lines: LineCounter,
  parts: readonly (string | number)[],
): Position {
  let place: Node | null = document.contents;
  let node: unknown = document.contents;
  for (const part of parts) {
    const step = stepInto(node, part);
    if (step === undefined) break;
    place = step.place;
    node = step.value;
  }
  const { line, col } = lines.linePos(place?.range?.[0] ?? document.range?.[0] ?? 0);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** A key's place is the value where it has one on the page, else the key itself. */
function stepInto(node: unknown, part: string | number): { place: Node; value: unknown } | undefined {
  if (isSeq(node)) {
    const item: unknown = typeof part === "number" ? node.items[part] : undefined;
    return isNode(item) ? { place: item, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  if (pair === undefined || !isNode(pair.key)) return undefined;
  return { place: isNode(pair.value) ? pair.value : pair.key, value: pair.value };
}
