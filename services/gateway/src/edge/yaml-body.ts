/**
 * Bodies of YAML: every document of the stream in `{ documents: [...] }`, as /v1/apply takes it. Broken text is refused with line and column.
 * A page of another origin cannot send this type without being asked for (no form has it).
 */
import type { Fault } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import { LineCounter, parseAllDocuments } from "yaml";

export function takeYaml(app: FastifyInstance): void {
  app.addContentTypeParser(["application/yaml"], { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, { documents: documentsIn(body.toString()) });
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Throws WeftError("syntax-error") with every fault. */
export function documentsIn(text: string): unknown[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const documents = Array.isArray(parsed) ? parsed : [];
  const faults = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos }): Fault => {
      const { line, col } = lines.linePos(pos[0]);
      return { path: "", line, column: col, message };
    }),
  );
  if (faults.length > 0) throw new WeftError("syntax-error", "The body is no YAML.", { faults });
  // Aliases that multiply without end are refused by the package.
  const values = documents.map((document): unknown => document.toJS({ maxAliasCount: 100 }));
  return values.filter((value) => value !== null); // nothing stands between two `---`
}
