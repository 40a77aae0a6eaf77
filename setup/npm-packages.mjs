/**
 * The checkout's npm packages: are they installed as package-lock.json says, and how they get there.
 * Reads package-lock.json and npm's own record inside node_modules; npm writes node_modules.
 * Of all install scripts only that of the package `node` is run: it fetches the Node that runs Weft.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run, say } from "./shell.mjs";

export const checkout = path.resolve(import.meta.dirname, "..");

/** The Node that npm installed, which runs everything but this set-up. */
export const ownNode = path.join(checkout, "node_modules/.bin/node");

/** Which lock we installed from. Without it (somebody ran npm by hand) the packages are compared one by one. */
const stamp = path.join(checkout, "node_modules/.weft-lock");

/** "missing", "stale" (not what package-lock.json says) or "current". */
export function npmPackagesState() {
  const record = path.join(checkout, "node_modules/.package-lock.json");
  if (!existsSync(record) || !existsSync(ownNode)) return "missing";
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash()) return "current";
  const wanted = readPackages(path.join(checkout, "package-lock.json"));
  const installed = readPackages(record);
  const differs = Object.entries(wanted).some(([place, { version, link, optional }]) => {
    if (!place.startsWith("node_modules/")) return false;
    const there = installed[place];
    if (there === undefined) return !optional; // optional ones are for other platforms
    return link !== there.link || version !== there.version;
  });
  return differs ? "stale" : "current";
}

function lockHash() {
  return createHash("sha256")
    .update(readFileSync(path.join(checkout, "package-lock.json")))
    .digest("hex");
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}

/**
 * Not `npm ci`: it refuses a lock that lacks other platforms' optional packages, and not every registry carries those;
 * `--no-save` takes the lock's versions all the same and leaves it as it is. Scripts are run by name and not by npm's
 * `allowScripts`, which npm 10 does not know: it would build ssh2 natively.
 */
export async function installNpmPackages() {
  say("installing the npm packages");
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const install = ["npm", "install", "--no-save", "--ignore-scripts", ...quiet];
  await run("installing the npm packages", install, { cwd: checkout });
  await run("installing Node", ["npm", "rebuild", "node", ...quiet], { cwd: checkout });
  writeFileSync(stamp, lockHash());
}
