import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { exampleFile, examples } from "./support/examples.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";

const run = promisify(execFile);
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

describe("the examples of the README", () => {
  it.each(examples)("stand there as they are and do what it says: %s", async (name) => {
    await using server = await OvsdbServer.start({ schema: "ovn-northbound" });
    const file = exampleFile(name);
    const readme = await readFile(pathOf("../README.md"), "utf8");
    expect(readme).toContain(`\`\`\`js\n${await readFile(file, "utf8")}\`\`\``);
    const { stdout } = await run(process.execPath, [file], {
      env: { ...process.env, OVSDB_REMOTE: server.unix },
      timeout: 20_000,
    });
    expect(readme).toContain(`\`\`\`text\n${stdout}\`\`\``);
  });
});
