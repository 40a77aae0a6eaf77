#!/usr/bin/env node
/**
 * `weft`: starts the real command (src/main.ts) on the Node that npm installed, whatever Node runs this.
 * Plain JavaScript without packages, since it also runs before an install. Hands on stdio, signals and the exit code.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compileCache } from "../../../setup/compile-cache.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const top = path.resolve(here, "../../..");
const node = path.join(top, "node_modules/node/bin/node");

if (!existsSync(node)) {
  process.stderr.write(
    `Weft's packages are not installed yet: run \`npm install\` in ${top}, or \`npm start\` to see it all.\n`,
  );
  process.exit(1);
}

const child = spawn(
  node,
  ["--disable-warning=ExperimentalWarning", path.join(here, "../src/main.ts"), ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...compileCache, ...process.env } },
);
// A terminal sends Ctrl-C to both: the child decides what it means. Others send it to this one alone.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.on("SIGINT", () => {
  if (!process.stdin.isTTY) child.kill("SIGINT");
});
child.on("error", (error) => {
  process.stderr.write(`${node} does not start: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
