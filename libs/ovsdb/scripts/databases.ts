/**
 * Which schemas are generated, and under which names.
 * Reads the .ovsschema files beside this folder; nothing is written here.
 * Rendering is left to render-database.ts, writing to generate.ts.
 */
import { readFileSync } from "node:fs";
import { parseSchema } from "../src/schema/parse-schema.ts";
import { renderDatabase } from "./render-database.ts";

export const databases = [
  { file: "ovn-northbound", name: "OvnNorthbound" },
  { file: "ovn-southbound", name: "OvnSouthbound" },
  { file: "open-vswitch", name: "OpenVswitch" },
  { file: "ovsdb-status", name: "OvsdbStatus" },
] as const;

export function targetOf(file: string): URL {
  return new URL(`../src/generated/${file}.ts`, import.meta.url);
}

export function render(database: (typeof databases)[number]): string {
  const schemaFile = new URL(`../schemas/${database.file}.ovsschema`, import.meta.url);
  const schema = parseSchema(JSON.parse(readFileSync(schemaFile, "utf8")));
  return renderDatabase(database.name, `schemas/${database.file}.ovsschema`, schema);
}
