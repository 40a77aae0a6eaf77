import { execFile } from "node:child_process";
import { copyFile, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPrograms } from "../../../setup/programs.mjs";
import { publishedShape, workspaceShape } from "../scripts/pack.ts";
import { exampleFile, examples } from "./support/examples.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";
import type { Packed } from "./support/packed.ts";
import { packed } from "./support/packed.ts";

const run = promisify(execFile);
const own = path.resolve(import.meta.dirname, "..");
/** The machine's own Node, 20 or newer, and not the one that npm installed for the checkout. */
const [plainNode = "node"] = findPrograms("node").filter((file) => !file.includes("node_modules"));

let at: Packed;
beforeAll(async () => {
  at = await packed();
});
afterAll(() => at[Symbol.asyncDispose]());

describe("the package in an empty folder", () => {
  it("holds JavaScript, declarations, README, API page and licence, and no sources or tests", () => {
    const kinds = at.files.filter((file) => !/^dist\/lib\/.+(?:\.d\.ts|\.js)$/.test(file));
    expect(kinds).toEqual(["LICENSE", "README.md", "docs/api.md", "package.json"]);
    expect(at.files).toContain("dist/lib/index.js");
    expect(at.files.filter((file) => /\.test\.|\/check\//.test(file))).toEqual([]);
  });

  it("leaves the folder that it was packed from as it was", async () => {
    const before = await readFile(path.join(own, "package.json"), "utf8");
    expect(await readFile(path.join(at.source, "package.json"), "utf8")).toBe(before);
    expect(publishedShape(before)).not.toContain("/src/");
    expect(workspaceShape(publishedShape(before))).toBe(before);
  });

  it.each(examples)("does on plain Node what the README says: %s", async (name) => {
    await using server = await OvsdbServer.start({ schema: "ovn-northbound" });
    const file = path.join(at.consumer, `${name}.mjs`);
    await copyFile(exampleFile(name), file);
    const env = { PATH: process.env["PATH"], OVSDB_REMOTE: server.unix };
    const { stdout } = await run(plainNode, [file], { cwd: at.consumer, env, timeout: 20_000 });
    expect(await readFile(path.join(own, "README.md"), "utf8")).toContain(`\`\`\`text\n${stdout}\`\`\``);
  });

  it("can be required by a CommonJS program that imports it", async () => {
    const file = path.join(at.consumer, "common.cjs");
    await writeFile(
      file,
      `import("@weft/ovsdb").then(({ OvnNorthbound }) => console.log(OvnNorthbound.name));`,
    );
    const { stdout } = await run(plainNode, [file], { cwd: at.consumer });
    expect(stdout).toBe("OVN_Northbound\n");
  });

  it("has types that find faults and let right programs pass, every declaration checked", async () => {
    await copyFile(path.join(own, "test/consumer/typed.ts"), path.join(at.consumer, "typed.ts"));
    await symlink(path.join(own, "../../node_modules/@types"), path.join(at.consumer, "node_modules/@types"));
    await symlink(
      path.join(own, "../../node_modules/undici-types"),
      path.join(at.consumer, "node_modules/undici-types"),
    );
    const compilerOptions = {
      strict: true,
      noEmit: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      skipLibCheck: false,
    };
    await writeFile(
      path.join(at.consumer, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["typed.ts"] }),
    );
    await expect(run("tsc", ["--project", at.consumer])).resolves.toMatchObject({ stdout: "" });
  });
});

describe("the Node that the package is tried on", () => {
  it("is the machine's own, 20 or newer", async () => {
    const { stdout } = await run(plainNode, ["--version"]);
    expect(Number(/^v(\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(20);
  });
});
