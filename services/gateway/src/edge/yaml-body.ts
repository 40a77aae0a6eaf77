/**
 * Bodies of YAML: every document of the stream, as /v1/apply takes it, or the one that a PUT means. Broken text is refused with
 * line and column, and so are aliases that multiply without end.
 * A page of another origin cannot send this type without being asked for (no form has it).
 */
import { refuseDepth, tooDeep } from "@weft/runtime";
import type { Fault } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import type { Document } from "yaml";
import { LineCounter, parseAllDocuments } from "yaml";

/** Reads as `{ documents: [...] }`. */
export class YamlBody {
  readonly documents: readonly unknown[];

  constructor(documents: readonly unknown[]) {
    this.documents = documents;
  }
}

export function takeYaml(app: FastifyInstance): void {
  app.addContentTypeParser(["application/yaml"], { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, new YamlBody(documentsIn(body.toString())));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** The body where one document is meant. Throws WeftError("invalid-request") for a stream of none or several. */
export function oneDocument(body: unknown): unknown {
  if (!(body instanceof YamlBody)) return body;
  const { documents } = body;
  if (documents.length === 1) return documents[0];
  throw new WeftError("invalid-request", `The body has ${documents.length} documents; one is meant here.`);
}

/** Throws WeftError: "syntax-error" with every fault, "invalid-request" for what is nested too deep. */
function documentsIn(text: string): unknown[] {
  const lines = new LineCounter();
  const documents = parse(text, lines);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { path: "", line, column: col };
  };
  const errors = documents.flatMap((document) => document.errors);
  if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) throw tooDeep("The body");
  const faults = errors.map(({ message, pos }): Fault => ({ ...at(pos[0]), message }));
  if (faults.length > 0) throw new WeftError("syntax-error", "The body is no YAML.", { faults });
  const values = documents.map((document): unknown =>
    valueOf(document, at((document.contents ?? document).range[0])),
  );
  refuseDepth(values, "The body");
  return values.filter((value) => value !== null); // nothing stands between two `---`
}

function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  try {
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    throw error instanceof RangeError ? tooDeep("The body") : error; // it goes down by calls
  }
}

/** The package gives up aliases that multiply without end, and those of an anchor that is not there. */
function valueOf(document: Document.Parsed, at: Omit<Fault, "message">): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep("The body");
    if (!(cause instanceof ReferenceError)) throw cause;
    const faults = [{ ...at, message: cause.message }];
    throw new WeftError("syntax-error", "The body has aliases that cannot be resolved.", { cause, faults });
  }
}
