/** Puts the faults of a refused request back into the files that it was made of. Pure. */
import type { WeftError } from "@weft/schemas";
import type { LocatedFault, ReadDocument } from "./read-files.ts";
import { FileFaults } from "./read-files.ts";

/** The same error with file, line and column; faults that are about no document stay as they are. */
export function locateFaults(error: WeftError, documents: readonly ReadDocument[]): WeftError {
  const located = error.faults.map((fault): LocatedFault => {
    const [, list, index, path = ""] = /^(documents|resources)\[(\d+)\]\.?(.*)$/s.exec(fault.path) ?? [];
    const document = index === undefined ? undefined : documents[Number(index)];
    if (document === undefined) return { ...fault, file: "" };
    // What is to be deleted is named flatly in the request, and by its metadata in the file.
    return document.locate(
      list === "resources" && path !== "kind" ? `metadata.${path}` : path,
      fault.message,
    );
  });
  return located.length === 0 ? error : new FileFaults(error.code, error.message, located);
}
