/** Puts the faults of a refused request back into the files that it was made of. Pure. */
import type { WeftError } from "@weft/schemas";
import type { LocatedFault, ReadDocument } from "./read-files.ts";
import { FileFaults } from "./read-files.ts";

/**
 * The same error with file, line and column; faults that are about no document stay as they are. `own` are those that were
 * found before the request was sent: they say more than what the refusal has to say of the same place.
 */
export function locateFaults(
  error: WeftError,
  documents: readonly ReadDocument[],
  own: readonly LocatedFault[] = [],
): WeftError {
  const place = ({ file, line, column, path }: LocatedFault) => JSON.stringify([file, line, column, path]);
  const known = new Set(own.map(place));
  const told = error.faults
    .map((fault) => locate(fault, documents))
    .filter((fault) => !known.has(place(fault)));
  const located = inReadingOrder([...own, ...told], documents);
  return located.length === 0 ? error : new FileFaults(error.code, error.message, located);
}

function locate(fault: WeftError["faults"][number], documents: readonly ReadDocument[]): LocatedFault {
  const [, list, index, path = ""] = /^(documents|resources)\[(\d+)\]\.?(.*)$/s.exec(fault.path) ?? [];
  const document = index === undefined ? undefined : documents[Number(index)];
  if (document === undefined) return { ...fault, file: "" };
  // What is to be deleted is named flatly in the request, and by its metadata in the file.
  return document.locate(list === "resources" && path !== "kind" ? `metadata.${path}` : path, fault.message);
}

/** As files are read: one after the other in the order given, each from top to bottom. */
export function inReadingOrder(
  faults: readonly LocatedFault[],
  documents: readonly ReadDocument[],
): LocatedFault[] {
  const files = [...new Set(documents.map(({ file }) => file))];
  return faults.toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
