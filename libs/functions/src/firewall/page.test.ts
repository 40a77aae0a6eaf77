/** docs/firewall.md tells operators of every field that the schema has, of no other, and the faults as they are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FirewallConfig } from "./config.ts";
import { firewall } from "./firewall.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/firewall.md"), "utf8");

const Field = z.object({
  description: z.string(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).default([]),
});
const Fields = z.object({
  properties: z.record(z.string(), Field),
  required: z.array(z.string()).default([]),
});
const Nested = z.object({ properties: z.object({ rules: z.object({ items: Fields }) }) });
const described = z.toJSONSchema(FirewallConfig, { io: "input", unrepresentable: "any" });

/** The cells of the table below a heading. */
function rowsBelow(heading: string): string[][] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((row) => row.slice(2, -2).split(" | "));
}

describe("docs/firewall.md", () => {
  const tables: readonly [string, z.infer<typeof Fields>][] = [
    ["The configuration", Fields.parse(described)],
    ["A rule", Nested.parse(described).properties.rules.items],
  ];
  it.each(tables)("has every field of the schema, and no other, below '%s'", (heading, { properties }) => {
    const fields = rowsBelow(heading).map(([field]) => field);
    expect(fields).toEqual(Object.keys(properties).map((name) => `\`${name}\``));
  });

  it.each(tables)("says of each what the schema says, below '%s'", (heading, { properties, required }) => {
    for (const [field = "", type, byDefault, meaning] of rowsBelow(heading)) {
      const name = field.replaceAll("`", "");
      const known = properties[name];
      for (const value of known?.enum ?? []) expect(type).toContain(`\`${value}\``);
      expect(meaning).toContain(known?.description);
      expect(byDefault).toBe(required.includes(name) ? "required" : defaultText(known?.default));
    }
  });

  it.each(rowsBelow("What is refused"))("refuses %s at %s as it says", (written = "", at = "", message) => {
    const rule: unknown = JSON.parse(written.replaceAll("`", ""));
    const rules = [Object.assign({ name: "a", action: "accept" }, rule)];
    const path = at.startsWith("`") ? at.replaceAll("`", "") : "";
    expect(firewall.faults({ rules }, { networks: {} })).toEqual([{ path: `rules[0]${path}`, message }]);
  });
});

function defaultText(value: unknown): string {
  if (value === undefined) return "any";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
