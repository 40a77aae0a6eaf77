/**
 * Where programs are: on the PATH (with the sbin folders, which a login shell may lack) or in Weft's cache folder.
 * Reads PATH, WEFT_CACHE and what `--version` prints; writes nothing.
 * What is wanted of the machine stands in requirements.mjs; putting programs into the cache is debs.mjs.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** The one folder outside the checkout that Weft keeps: programs fetched for it, logs of its set-up. */
export function cacheDirectory() {
  return process.env.WEFT_CACHE || path.join(homedir(), ".cache", "weft");
}

/** PATH as every child of Weft gets it: Weft's own programs last, so what the machine has is used first. */
export function searchPath() {
  const own = [path.join(cacheDirectory(), "bin")];
  return [...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin", ...own]
    .filter((entry, index, all) => entry !== "" && all.indexOf(entry) === index)
    .join(":");
}

/** Every place where a program of this name can be run, in the order in which they are preferred. */
export function findPrograms(name) {
  return searchPath()
    .split(":")
    .map((folder) => path.join(folder, name))
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The first program of this name, or undefined. */
export function findProgram(name) {
  return findPrograms(name)[0];
}

/** The first three-part version in what the program prints, or undefined when it prints none. */
export function versionOf(file, args = ["--version"]) {
  try {
    const printed = execFileSync(file, args, {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return /(\d+\.\d+(?:\.\d+)?)/.exec(printed)?.[1];
  } catch {
    return undefined;
  }
}

/** True when a dotted version is at least another: "2.15.1" is at least "2.12". */
export function atLeast(version, wanted) {
  const [have, need] = [version, wanted].map((text) => text.split(".").map(Number));
  for (const [index, part] of need.entries()) {
    const mine = have[index] ?? 0;
    if (mine !== part) return mine > part;
  }
  return true;
}

/** The preferred program of this name that is new enough, as { file, version }, or undefined. */
export function findProgramAtLeast(name, wanted) {
  for (const file of findPrograms(name)) {
    const version = versionOf(file);
    if (version !== undefined && atLeast(version, wanted)) return { file, version };
  }
  return undefined;
}
