/**
 * Text in lines, each made of parts that remember where in the configuration they came from.
 * Pure; columns and lines are counted from 1, as nft does in its messages.
 */

export interface Part {
  readonly text: string;
  readonly path: string | undefined;
}
export interface Line {
  readonly indent: number;
  readonly parts: readonly Part[];
}

const indentWidth = 2;
export const blank: Line = { indent: 0, parts: [] };

export function part(text: string, path?: string): Part {
  return { text, path };
}

export function line(indent: number, ...parts: readonly (string | Part)[]): Line {
  return { indent, parts: parts.map((each) => (typeof each === "string" ? part(each) : each)) };
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ indent, parts }) => lineText(indent, parts)).join("");
}

function lineText(indent: number, parts: readonly Part[]): string {
  return `${" ".repeat(indent * indentWidth)}${parts.map(({ text }) => text).join(" ")}\n`;
}

/** Path of what stands at a place, or of the line when the place itself came from nowhere. */
export function pathAt(lines: readonly Line[], lineNumber: number, column: number): string | undefined {
  const found = lines[lineNumber - 1];
  if (found === undefined) return undefined;
  let end = found.indent * indentWidth;
  for (const { text, path } of found.parts) {
    end += text.length + 1;
    if (column <= end && path !== undefined) return path;
  }
  return found.parts.find(({ path }) => path !== undefined)?.path;
}
