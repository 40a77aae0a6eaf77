/**
 * Text of a request → the JSON in it. Broken text is refused at its line and column, and so is what is nested deeper than any
 * request: JSON.parse takes every depth, and whoever walks its answer or writes it again runs out of stack.
 * Throws WeftError; `what` is how the refusal calls the text, e.g. "The body".
 */
import type { Fault } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { ParseErrorCode } from "jsonc-parser";
import { printParseErrorCode, visit } from "jsonc-parser";

/** Documents have about ten levels; a function's own configuration may add some. */
export const maxLevels = 100;

export function parseJson(text: string, what: string): unknown {
  const value = read(text, what);
  refuseDepth(value, what);
  return value;
}

/** Also for what was read from other text than JSON. Throws WeftError("invalid-request"). */
export function refuseDepth(value: unknown, what: string): void {
  if (isDeeperThan(value, maxLevels)) throw tooDeep(what);
}

export function tooDeep(what: string): WeftError {
  return new WeftError("invalid-request", `${what} is nested more than ${maxLevels} levels deep.`, {
    faults: [{ path: "", message: `has more than ${maxLevels} levels of lists and objects in each other` }],
  });
}

function read(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = faultIn(text, what);
    throw new WeftError("syntax-error", `${what} is not JSON: ${fault.message}.`, { cause, faults: [fault] });
  }
}

/** The first: those behind it follow from it. The engine's own words name a place only now and then. */
function faultIn(text: string, what: string): Fault {
  const faults: Fault[] = [];
  const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };
  const onError = (code: ParseErrorCode, _offset: number, _length: number, line: number, column: number) => {
    if (faults.length === 0)
      faults.push({ path: "", line: line + 1, column: column + 1, message: wordsOf(code) });
  };
  try {
    visit(text, { onError }, strict);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it goes down by calls
    throw tooDeep(what);
  }
  return faults[0] ?? { path: "", line: 1, column: 1, message: "is not valid" };
}

/** PropertyNameExpected → property name expected. */
function wordsOf(code: ParseErrorCode): string {
  return printParseErrorCode(code)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}
