/**
 * The API page: where it lies, and what it should say now. Compiles the declarations into a temporary folder.
 * Read by generate.ts, which writes it, and by the test that it is current.
 * Setting it out is left to api-page.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderApiPage } from "./api-page.ts";
import { build } from "./build.ts";

export const apiPage = new URL("../docs/api.md", import.meta.url);

export function renderedApi(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ovsdb-api-"));
  try {
    build(folder);
    return renderApiPage(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
