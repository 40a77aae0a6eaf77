/**
 * The northbound schema as an older server might have it: a copy without some of its tables and columns.
 * Reads the project's schema file, writes a copy into a folder of its own.
 * What a client makes of it is left to narrower-schema.test.ts.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const source = path.join(import.meta.dirname, "../../schemas/ovn-northbound.ovsschema");

interface SchemaFile {
  readonly tables: Record<
    string,
    { readonly columns: Record<string, unknown>; readonly indexes?: string[][] }
  >;
}

/** `gone`: tables, and columns as `table.column`. */
export async function olderSchema(
  gone: readonly string[],
): Promise<AsyncDisposable & { readonly file: `/${string}` }> {
  const folder = await mkdtemp(path.join(tmpdir(), "ovsdb-schema-"));
  const schema = JSON.parse(await readFile(source, "utf8")) as SchemaFile;
  for (const place of gone) {
    const [table = "", column] = place.split(".");
    if (column === undefined) delete schema.tables[table];
    else delete schema.tables[table]?.columns[column];
  }
  const file = path.join(folder, "older.ovsschema");
  await writeFile(file, JSON.stringify(schema));
  return {
    file: file as `/${string}`,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
