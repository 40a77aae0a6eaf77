/** The demonstration where it cannot run: nothing is started, and the reader is told why. Root is taken away by name only. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";

describe("the demonstration of a user who is not root", () => {
  it("ends with 1 and one line that says what to do", () => {
    const main = path.join(import.meta.dirname, "main.ts");
    const notRoot = "data:text/javascript,process.getuid = () => 1000";
    const { status, stderr } = spawnSync(process.execPath, ["--import", notRoot, main, "--once"], {
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^weft: `npm start` .*must be run by root: try sudo\.\n$/);
    expect(status).toBe(1);
  });
});
