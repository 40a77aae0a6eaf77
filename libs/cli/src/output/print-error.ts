/** An error for people, on stderr: each fault with its place, then the reason, then what to do next. Pure. */
import { WeftError, errorCatalogue } from "@weft/schemas";
import { FileFaults } from "../files/read-files.ts";
import type { LocatedFault } from "../files/read-files.ts";

export function errorText(error: unknown): string {
  if (!(error instanceof WeftError))
    return `weft: ${error instanceof Error ? error.message : String(error)}\n`;
  const { next } = errorCatalogue[error.code];
  const faults =
    error instanceof FileFaults ? error.located : error.faults.map((fault) => ({ ...fault, file: "" }));
  // A refusal's own words end with what to do.
  const told = error.message.endsWith(next) || error.concerns === "gateway";
  const message = told ? error.message : `${error.message} ${next}`;
  return [...faults.map(faultLine), `weft: ${message}`].map((line) => `${line}\n`).join("");
}

function faultLine({ file, line, column, path, message }: LocatedFault): string {
  const place = [file, line, column].filter((part) => part !== undefined && part !== "").join(":");
  return [place, path, message].filter((part) => part !== "").join(": ");
}
