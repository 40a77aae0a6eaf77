/** Puts the faults of a refused request back into the files that it was made of. Pure. */
import type { WeftError } from "@weft/schemas";
import type { LocatedFault, ReadDocument } from "./read-files.ts";
import { FileFaults } from "./read-files.ts";

/** The same error with file, line and column; faults that are about no document stay as they are. */
export function locateFaults(error: WeftError, documents: readonly ReadDocument[]): WeftError {
  const located = error.faults.map((fault): LocatedFault => {
    const [, index, path = ""] = /^documents\[(\d+)\]\.?(.*)$/s.exec(fault.path) ?? [];
    const document = index === undefined ? undefined : documents[Number(index)];
    return document === undefined ? { ...fault, file: "" } : document.locate(path, fault.message);
  });
  return located.length === 0 ? error : new FileFaults(error.code, error.message, located);
}
