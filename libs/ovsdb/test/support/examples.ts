/**
 * The README's programs: plain JavaScript that also has right types, so that one file serves both kinds of readers.
 * Reads test/examples.
 * Running them is left to the tests.
 */
import { readdirSync } from "node:fs";
import path from "node:path";

const folder = path.join(import.meta.dirname, "../examples");

export const examples = readdirSync(folder).map((file) => path.basename(file, ".ts"));

export function exampleFile(name: string): string {
  return path.join(folder, `${name}.ts`);
}
