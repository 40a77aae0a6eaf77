/**
 * `npm run generate`: writes the typed tables of every database in databases.ts.
 * Reads schemas/*.ovsschema, writes src/generated/*.ts.
 * That the result is current is left to src/generated/generated.test.ts.
 */
import { writeFileSync } from "node:fs";
import { databases, render, targetOf } from "./databases.ts";

for (const database of databases) {
  writeFileSync(targetOf(database.file), render(database));
}
