/**
 * Fetches single programs from other Debian suites and unpacks them into the cache folder.
 * Reads the machine's own apt configuration for the mirror, with apt folders of its own: the system's are not touched.
 * Which programs and which versions: requirements.mjs. Nothing is installed, no service is started.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { atLeast, cacheDirectory, versionOf } from "./programs.mjs";
import { SetupError, attempt, cleanUpAtExit, run, say } from "./shell.mjs";

export const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The Debian mirror that this machine already uses, or the one named by WEFT_DEBIAN_MIRROR; undefined if neither. */
export async function debianMirror() {
  if (process.env.WEFT_DEBIAN_MIRROR) return process.env.WEFT_DEBIAN_MIRROR;
  const targets = await run("reading the apt configuration", [
    "apt-get",
    "indextargets",
    "--format",
    "$(SITE)|$(LABEL)",
    "Created-By: Packages",
  ]);
  const debian = targets.split("\n").find((line) => line.endsWith("|Debian"));
  return debian?.split("|")[0];
}

/** Fetches one program of `foreignPrograms` into the cache; throws a SetupError that says what to do instead. */
export async function fetchProgram(wanted) {
  const mirror = await requireMirror(wanted);
  const scratch = mkdtempSync(path.join(tmpdir(), "weft-deb-"));
  const clear = cleanUpAtExit(() => rmSync(scratch, { recursive: true, force: true }));
  try {
    say(`fetching ${wanted.name} from Debian ${wanted.suite} into ${cacheDirectory()}`);
    const deb = await download(wanted, mirror, scratch);
    await verify(wanted, deb);
    await unpack(wanted, deb);
  } finally {
    clear();
  }
}

async function requireMirror(wanted) {
  const mirror = await debianMirror();
  if (mirror && existsSync(debianKeyring)) return mirror;
  const lacks = mirror
    ? `Debian's keyring is missing (apt-get install debian-archive-keyring)`
    : `no Debian mirror is configured`;
  throw new SetupError(
    `${wanted.name} cannot be fetched from Debian ${wanted.suite}: ${lacks}.\n` +
      `  Put a ${wanted.name} >= ${wanted.atLeast} on the PATH, or name a Debian mirror in WEFT_DEBIAN_MIRROR (and install debian-archive-keyring).`,
  );
}

/** Downloads the pinned version, or the suite's present one if that is gone; apt checks it against the signed index. */
async function download(wanted, mirror, scratch) {
  const env = { APT_CONFIG: await privateApt(wanted, mirror, scratch) };
  const instead = `put a ${wanted.name} >= ${wanted.atLeast} on the PATH instead`;
  const update = await attempt(["apt-get", "-qq", "update"], { env, timeoutMs: 180_000 });
  if (update.code !== 0 || /^[EW]: .*(Failed to fetch|does not have a Release file)/m.test(update.output))
    throw new SetupError(
      `Debian ${wanted.suite} is not to be had from this machine's mirror; ${instead}.\n  ${update.output.trim()}`,
    );
  for (const name of [`${wanted.name}=${wanted.version}`, wanted.name]) {
    const got = await attempt(["apt-get", "-qq", "download", name], {
      env,
      cwd: scratch,
      timeoutMs: 300_000,
    });
    const file = readdirSync(scratch).find((entry) => entry.endsWith(".deb"));
    if (got.code === 0 && file) return path.join(scratch, file);
  }
  throw new SetupError(`Debian ${wanted.suite} no longer has ${wanted.name}; ${instead}.`);
}

/**
 * The machine's apt configuration with folders of its own, and without its hooks: one that empties the system's cache
 * after an update (as container images have) would do so under an install that runs beside this.
 */
async function privateApt(wanted, mirror, scratch) {
  for (const folder of ["lists/partial", "cache/archives/partial", "parts"])
    mkdirSync(path.join(scratch, folder), { recursive: true });
  const sources = path.join(scratch, "sources.list");
  writeFileSync(sources, `deb [signed-by=${debianKeyring}] ${mirror} ${wanted.suite} main\n`);
  const settings = {
    "Dir::Etc::Main": "/dev/null",
    "Dir::Etc::Parts": path.join(scratch, "parts"),
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": path.join(scratch, "parts"),
    "Dir::Etc::PreferencesParts": path.join(scratch, "parts"),
    "Dir::State::Lists": path.join(scratch, "lists"),
    "Dir::Cache": path.join(scratch, "cache"),
    "Dir::Cache::Archives": "archives/",
    "APT::Sandbox::User": "root",
  };
  const own = Object.entries(settings).map(([key, value]) => `${key} "${value}";`);
  const dump = await run("reading the apt configuration", ["apt-config", "dump"]);
  const kept = dump.split("\n").filter((line) => !/^[^ ]*-(Invoke|Install-Pkgs)/.test(line));
  const file = path.join(scratch, "apt.conf");
  writeFileSync(file, [...kept, ...own, ""].join("\n"));
  return file;
}

async function verify(wanted, deb) {
  const fields = await run("reading the package", ["dpkg-deb", "-f", deb, "Version", "Architecture"]);
  const version = /^Version: (.*)$/m.exec(fields)?.[1] ?? "";
  const architecture = /^Architecture: (.*)$/m.exec(fields)?.[1] ?? "";
  const pinned = version === wanted.version ? wanted.sha256[architecture] : undefined;
  if (pinned === undefined)
    return say(
      `${wanted.name} ${version} (${architecture}) instead of the pinned ${wanted.version}: checked by the suite's signature alone`,
    );
  const found = createHash("sha256").update(readFileSync(deb)).digest("hex");
  if (found !== pinned)
    throw new SetupError(`${wanted.name} ${version} has the sha256 ${found}, wanted ${pinned}: not used.`);
}

/** Unpacked beside and renamed, so that a cut-off set-up never leaves half a program in the cache. */
async function unpack(wanted, deb) {
  const cache = cacheDirectory();
  const home = path.join(cache, wanted.name);
  const fresh = `${home}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  await run("unpacking", ["dpkg-deb", "-x", deb, fresh]);
  const version = versionOf(path.join(fresh, wanted.program));
  if (version === undefined || !atLeast(version, wanted.atLeast))
    throw new SetupError(
      `${wanted.name} of Debian ${wanted.suite} is ${version ?? "not runnable"} here, wanted >= ${wanted.atLeast}.`,
    );
  rmSync(home, { recursive: true, force: true });
  renameSync(fresh, home);
  mkdirSync(path.join(cache, "bin"), { recursive: true });
  const link = path.join(cache, "bin", wanted.name);
  rmSync(link, { force: true });
  symlinkSync(path.join("..", wanted.name, wanted.program), link);
}
