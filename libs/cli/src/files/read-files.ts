/**
 * Files of documents: YAML or JSON (which is YAML), many documents in each, `-` for stdin.
 * Reads files; broken text and requests that are too large are refused here, before anything is sent.
 */
import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import type { Fault } from "@weft/schemas";
import { WeftError, maxDocuments, maxRequestBytes } from "@weft/schemas";
import type { Document } from "yaml";
import { LineCounter, parseAllDocuments } from "yaml";
import { pathParts, positionOf } from "./position.ts";

/** A document with where it came from. */
export interface ReadDocument {
  readonly file: string;
  readonly value: unknown;
  /** The fault with its line and column in the file; its path is the one within this document. */
  locate(path: string, message: string): LocatedFault;
}

export interface LocatedFault extends Fault {
  readonly file: string;
}

/** Faults with their files, for print-fault.ts. */
export class FileFaults extends WeftError {
  readonly located: readonly LocatedFault[];

  constructor(code: WeftError["code"], message: string, located: readonly LocatedFault[]) {
    super(code, message, { faults: located });
    this.located = located;
  }
}

/** Throws FileFaults with every fault of every file. */
export async function readFiles(files: readonly string[]): Promise<ReadDocument[]> {
  const texts = await Promise.all(files.map(readText));
  const bytes = texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  checkSize(bytes);
  const unread = texts.flatMap(({ fault }) => fault ?? []);
  const faults: LocatedFault[] = [];
  const documents = texts.flatMap(({ file, text }) => readOne(file, text, faults));
  if (unread.length > 0)
    throw new FileFaults("invalid-request", "Not every file can be read.", [...unread, ...faults]);
  if (faults.length > 0)
    throw new FileFaults("syntax-error", "What was given is not valid YAML or JSON.", faults);
  if (documents.length === 0)
    throw new WeftError(
      "invalid-request",
      `There is no document in ${texts.map(({ file }) => file).join(", ")}.`,
    );
  if (documents.length > maxDocuments)
    throw new WeftError(
      "too-many-documents",
      `These are ${documents.length} documents, at most ${maxDocuments} are taken at once.`,
    );
  // What is sent is JSON, which may be longer than what was read.
  checkSize(Buffer.byteLength(JSON.stringify({ documents: documents.map(({ value }) => value) })));
  return documents;
}

interface ReadText {
  readonly file: string;
  /** Empty where there is a fault. */
  readonly text: string;
  readonly fault?: LocatedFault;
}

async function readText(name: string): Promise<ReadText> {
  const file = name === "-" ? "stdin" : name;
  try {
    return { file, text: name === "-" ? await textOf(process.stdin) : await readFile(name, "utf8") };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : code;
    return { file, text: "", fault: { file, path: "", message: `cannot be read: ${reason}` } };
  }
}

function checkSize(bytes: number): void {
  if (bytes > maxRequestBytes)
    throw new WeftError(
      "too-large",
      `The documents have ${bytes} bytes, at most 1 MiB (${maxRequestBytes}) is taken at once.`,
    );
}

function readOne(file: string, text: string, faults: LocatedFault[]): ReadDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => {
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      const { line, col } = lines.linePos(pos[0]);
      faults.push({ file, path: "", line, column: col, message });
    }
    if (document.errors.length > 0) return [];
    const value = valueOf(document, { file, lines, faults });
    if (value === null) return []; // nothing stands between two `---`
    return flatten(value).map(([path, each]) => readDocument(document, { file, lines }, path, each));
  });
}

/** Aliases that multiply without end (a "billion laughs") are refused by the package. */
function valueOf(
  document: Document,
  { file, lines, faults }: { file: string; lines: LineCounter; faults: LocatedFault[] },
): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    faults.push({
      file,
      path: "",
      ...positionOf(document, lines, []),
      message: cause instanceof Error ? cause.message : String(cause),
    });
    return null;
  }
}

/** A JSON list of documents, or `{ documents: […] }` as sent over the bus, stands for its members. */
function flatten(value: unknown): [path: (string | number)[], value: unknown][] {
  if (Array.isArray(value)) return value.map((each: unknown, index) => [[index], each]);
  if (typeof value === "object" && value !== null && "documents" in value && Array.isArray(value.documents))
    return value.documents.map((each: unknown, index) => [["documents", index], each]);
  return [[[], value]];
}

function readDocument(
  document: Document,
  { file, lines }: { file: string; lines: LineCounter },
  front: readonly (string | number)[],
  value: unknown,
): ReadDocument {
  return {
    file,
    value,
    locate: (path, message) => ({
      file,
      path,
      message,
      ...positionOf(document, lines, [...front, ...pathParts(path)]),
    }),
  };
}
