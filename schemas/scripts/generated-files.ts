/** What `npm run generate` writes below schemas/generated/: path and text of every file. Pure, so that a test can compare. */
import { asyncApi } from "./async-api.ts";
import { jsonSchemas } from "./json-schemas.ts";

/** Version of the documents' apiVersion and of the bus, not of the package. */
const version = "1";

export function generatedFiles(): Map<string, string> {
  return new Map([
    ...[...jsonSchemas()].map(([name, schema]) => [`json-schema/${name}.json`, text(schema)] as const),
    ["asyncapi.json", text(asyncApi(version))],
  ]);
}

function text(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
