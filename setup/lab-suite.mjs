/**
 * What `npm test` and `npm run bench` share: the machine's one lab is theirs, Docker's daemon is up, and programs of this
 * checkout run on its own Node. Reads who has the lab; removes a lab of its own folder that was left, ends the daemon it started.
 * What is run is left to test.mjs and bench.mjs.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { ensureDockerd } from "./dockerd.mjs";
import { setupDockerFolder } from "./install.mjs";
import { labHolder, otherLabMessage } from "./lab-lock.mjs";
import { checkout, ownNode } from "./npm-packages.mjs";
import { SetupError, cleanUpAtExit, programEnvironment } from "./shell.mjs";

const labFolder = "/run/weft/test";

/** There is one lab for a machine: a user's own is neither taken down nor worked on. `instead` says what else they can do. */
export async function requireNoOtherLab(instead = "") {
  const holder = await labHolder();
  if (holder === undefined || holder === labFolder) return;
  throw new SetupError(`${otherLabMessage(holder)}${instead}`);
}

/** Does the work with Docker's daemon up; a lab that it leaves behind is removed, also after a signal. */
export async function withDocker(work) {
  const daemon = await ensureDockerd(setupDockerFolder);
  cleanUpAtExit(removeLab);
  try {
    await work();
  } finally {
    await removeLab();
    await daemon.stop();
  }
}

/** Runs a program of the checkout with our Node, its output passed through; resolves to its exit code. */
export function runToEnd(args, extra = {}) {
  const env = programEnvironment({
    PATH: `${path.dirname(ownNode)}:${programEnvironment().PATH}`,
    WEFT_LAB_DIR: labFolder,
    TESTCONTAINERS_RYUK_DISABLED: "true",
    ...extra,
  });
  const child = spawn(ownNode, args, { cwd: checkout, env, stdio: ["ignore", "inherit", "inherit"] });
  const stop = cleanUpAtExit(() => {
    child.kill("SIGTERM");
    return ended;
  });
  const ended = new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return ended.finally(() => void stop());
}

/** An interrupted lab test leaves its lab running; what a finished one leaves has already been asserted by itself. */
function removeLab() {
  if (!existsSync(labFolder)) return undefined;
  const lab = path.join(checkout, "libs/lab/src/index.ts");
  const text = `import { stopLab } from ${JSON.stringify(lab)}; await stopLab({ folder: ${JSON.stringify(labFolder)} });`;
  return runToEnd(["--input-type=module", "--eval", text]);
}
