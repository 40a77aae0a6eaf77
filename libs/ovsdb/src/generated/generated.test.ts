import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiPage, renderedApi } from "../../scripts/api.ts";
import { databases, render, targetOf } from "../../scripts/databases.ts";

describe("the generated files", () => {
  it.each(databases)("are current: $file", (database) => {
    expect(readFileSync(targetOf(database.file), "utf8"), "run `npm run generate`").toBe(render(database));
  });
});

describe("the API page", () => {
  it("is current", { timeout: 60_000 }, () => {
    expect(readFileSync(apiPage, "utf8"), "run `npm run generate`").toBe(renderedApi());
  });
});
