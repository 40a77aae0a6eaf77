/**
 * `npm start`: brings the machine into shape, then runs the demonstration until Ctrl-C (or, with --once, to its result).
 * Passes --once and --json on to libs/lab/src/demo/main.ts, which starts and removes the lab.
 * What stays on the machine afterwards is named by it.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { prepareMachine } from "./install.mjs";
import { checkout, ownNode } from "./npm-packages.mjs";
import { programEnvironment, runSetup, say } from "./shell.mjs";

const options = process.argv.slice(2);
const known = ["--yes", "--once", "--json"];
const unknown = options.filter((option) => !known.includes(option));
if (unknown.length > 0) {
  process.stderr.write(`weft: npm start does not know ${unknown.join(" ")}; it takes ${known.join(" ")}\n`);
  process.exit(2);
}

await runSetup(() => prepareMachine({ yes: options.includes("--yes") }));
process.exitCode = await demonstrate(options.filter((option) => option !== "--yes"));

/** A session of its own: Ctrl-C reaches this process alone, which passes it on once. */
function demonstrate(args) {
  const main = path.join(checkout, "libs/lab/src/demo/main.ts");
  const child = spawn(ownNode, [main, ...args], {
    cwd: checkout,
    env: programEnvironment(),
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once("error", (cause) => {
      say(`the demonstration cannot be run: ${cause.message}`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
