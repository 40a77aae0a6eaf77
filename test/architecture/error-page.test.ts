/** docs/errors.md lists the error catalogue, no more and no less. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCatalogue } from "@weft/schemas";
import { describe, expect, it } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");

describe("docs/errors.md", () => {
  it("says of every code what the catalogue says", () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(
      ([, code, status, title, next]) => ({ code, status: Number(status), title, next }),
    );
    const wanted = Object.entries(errorCatalogue).map(([code, { status, title, next }]) => ({
      code,
      status,
      title,
      next,
    }));
    expect(rows).toEqual(wanted);
  });
});
