/**
 * `npm run generate`: writes the typed tables of every database in databases.ts, and the API page.
 * Reads schemas/*.ovsschema and src/, writes src/generated/*.ts and docs/api.md.
 * That the result is current is left to src/generated/generated.test.ts.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { apiPage, renderedApi } from "./api.ts";
import { databases, render, targetOf } from "./databases.ts";

for (const database of databases) {
  writeFileSync(targetOf(database.file), render(database));
}
mkdirSync(new URL(".", apiPage), { recursive: true });
writeFileSync(apiPage, renderedApi());
