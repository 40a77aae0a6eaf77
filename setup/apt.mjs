/**
 * Installs system packages with the machine's own apt: one call for all, nothing recommended, and no service started.
 * Writes /usr/sbin/policy-rc.d for as long as that takes and puts back what was there, also after a cut-off run.
 * Which packages: requirements.mjs.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { cleanUpAtExit, run, say } from "./shell.mjs";

const policy = "/usr/sbin/policy-rc.d";
const saved = `${policy}.before-weft`;
const mark = "# Written by Weft's set-up while it installs packages; removed when it is done.";

let listsAreFresh = false;

export function aptCommand(packages) {
  return ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
}

/** Installs packages. Only the download can be interrupted: a half-done dpkg would leave the machine broken. */
export async function installSystemPackages(packages) {
  say(`installing with apt: ${packages.join(" ")}`);
  if (!listsAreFresh) await run("apt-get update", ["apt-get", "-q", "update"]);
  listsAreFresh = true;
  const [program, ...rest] = aptCommand(packages);
  await run("downloading the packages", [program, "-q", "--download-only", ...rest]);
  const allowServices = forbidServices();
  try {
    await run("installing the packages", [program, "-q", ...rest], { uninterrupted: true });
  } finally {
    allowServices();
  }
}

/** Packages ask this program whether they may start their services; 101 means no. Returns what undoes it. */
function forbidServices() {
  restore();
  if (existsSync(policy)) renameSync(policy, saved);
  writeFileSync(policy, `#!/bin/sh\n${mark}\nexit 101\n`, { mode: 0o755 });
  return cleanUpAtExit(restore);
}

function restore() {
  if (existsSync(policy) && readFileSync(policy, "utf8").includes(mark)) rmSync(policy);
  if (existsSync(saved)) renameSync(saved, policy);
}
