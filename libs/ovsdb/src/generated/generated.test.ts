import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { databases, render, targetOf } from "../../scripts/databases.ts";

describe("the generated files", () => {
  it.each(databases)("are current: $file", (database) => {
    expect(readFileSync(targetOf(database.file), "utf8"), "run `npm run generate`").toBe(render(database));
  });
});
