/** JSON Schema (2020-12) of every described schema, by name. Checks across fields and documents are in words only. */
import { z } from "zod";
import { given, read } from "./described-schemas.ts";

export type JsonObject = { readonly [key: string]: unknown };

export function jsonSchemas(): Map<string, JsonObject> {
  return new Map([
    ...Object.entries(given).map(([name, schema]) => [name, describe(name, schema, "input")] as const),
    ...Object.entries(read).map(([name, schema]) => [name, describe(name, schema, "output")] as const),
  ]);
}

function describe(name: string, schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return { $schema, $id: `https://weft.dev/schemas/${name}.json`, title: name, ...rest };
}
