/**
 * `npm run generate`: writes JSON Schema and AsyncAPI documents from the zod schemas into schemas/generated/.
 * That they are current is checked by src/generated-files.test.ts.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { generatedFiles } from "./generated-files.ts";

const folder = path.resolve(import.meta.dirname, "../generated");
rmSync(folder, { recursive: true, force: true });
for (const [name, text] of generatedFiles()) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
