/**
 * Docker images: the base (pulled, or made from Debian's archive) and those that this checkout builds.
 * A built image carries the sha256 of what it was built from, so that an unchanged one is not built again.
 * Reads images of a daemon that runs, or from its disk; whoever calls provides the daemon for building.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installSystemPackages } from "./apt.mjs";
import { debianKeyring, debianMirror } from "./debs.mjs";
import { dockerAnswers } from "./dockerd.mjs";
import { checkout } from "./npm-packages.mjs";
import { findProgram } from "./programs.mjs";
import { baseImage, bootstrapPackage, builtImages } from "./requirements.mjs";
import { SetupError, attempt, cleanUpAtExit, run, say, settleAll } from "./shell.mjs";

const contextLabel = "weft.dev/context";
const noDockerfile = "no Dockerfile";
const imagesOnDisk = "/var/lib/docker/image/overlay2";

/** What there is of an image: { id, context } or undefined. */
export async function findImage(tag) {
  if (!(await dockerAnswers())) return imageOnDisk(tag);
  const { code, stdout } = await attempt(["docker", "image", "inspect", "--format", "{{json .}}", tag]);
  return code === 0 ? imageOf(JSON.parse(stdout).Id, JSON.parse(stdout)) : undefined;
}

function imageOf(id, described) {
  const labels = described.Config?.Labels ?? described.config?.Labels;
  return { id, context: labels?.[contextLabel] };
}

/** While no daemon runs, its own index tells as much; a store of another kind counts as not known, so as not there. */
function imageOnDisk(tag) {
  try {
    const { Repositories } = JSON.parse(readFileSync(path.join(imagesOnDisk, "repositories.json"), "utf8"));
    const id = Repositories[tag.split(":")[0]][tag];
    const image = JSON.parse(
      readFileSync(path.join(imagesOnDisk, "imagedb/content", id.replace(":", "/")), "utf8"),
    );
    return imageOf(id, image);
  } catch {
    return undefined;
  }
}

/** The images that lack or are out of date: [{ tag, state }], the base first. */
export async function lackingImages() {
  const base = await findImage(baseImage.tag);
  const lacking = base ? [] : [{ tag: baseImage.tag, state: "missing" }];
  for (const image of builtImages) {
    const found = await findImage(image.tag);
    if (!found) lacking.push({ tag: image.tag, state: "missing" });
    else if (!base || found.context !== contextOf(image, base.id))
      lacking.push({ tag: image.tag, state: "out of date" });
  }
  return lacking;
}

export async function ensureImages() {
  if (!(await findImage(baseImage.tag))) await provideBase();
  const base = await findImage(baseImage.tag);
  await settleAll(builtImages.map((image) => build(image, base.id)));
}

async function build(image, baseId) {
  const context = contextOf(image, baseId);
  if (context === noDockerfile) throw new SetupError(`${image.tag} has no Dockerfile in ${image.context}.`);
  const found = await findImage(image.tag);
  if (found?.context === context) return;
  say(`building the image ${image.tag}`);
  const command = ["docker", "build", "--network=host", "--force-rm", `--label=${contextLabel}=${context}`];
  await run(`building ${image.tag}`, [...command, `--tag=${image.tag}`, path.join(checkout, image.context)], {
    env: { DOCKER_BUILDKIT: "0" }, // BuildKit is a plugin that distributions leave out
    timeoutMs: 600_000,
  });
}

/** The sha256 over the base's id and every file of the context with its path and whether it can be run. */
function contextOf(image, baseId) {
  const folder = path.join(checkout, image.context);
  if (!existsSync(path.join(folder, "Dockerfile"))) return noDockerfile;
  const hash = createHash("sha256").update(baseId);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const runnable = (statSync(file).mode & 0o111) !== 0;
    hash.update(`\0${path.relative(folder, file)}\0${runnable}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

async function provideBase() {
  const { tag } = baseImage;
  say(`pulling the image ${tag}`);
  const pull = await attempt(["docker", "pull", "--quiet", tag], { timeoutMs: 60_000 });
  if (pull.code === 0) return;
  const mirror = await debianMirror();
  if (mirror === undefined || !existsSync(debianKeyring))
    throw new SetupError(
      `${tag} could not be pulled, and no Debian mirror is configured to make it from.\n  ${pull.output.trim()}`,
    );
  await makeBase(mirror);
}

/** Made as Debian makes it: the smallest set of packages, with the machine's own mirror and proxy as apt's sources. */
async function makeBase(mirror) {
  if (findProgram(bootstrapPackage) === undefined) await installSystemPackages([bootstrapPackage]);
  say(`no registry answers; making ${baseImage.tag} from Debian's archive`);
  const scratch = mkdtempSync(path.join(tmpdir(), "weft-base-"));
  const clear = cleanUpAtExit(() => rmSync(scratch, { recursive: true, force: true }));
  try {
    const archive = path.join(scratch, "base.tar");
    const certificates = mirror.startsWith("https:") ? ["--include=ca-certificates"] : [];
    const source = `deb [signed-by=${debianKeyring}] ${mirror} ${baseImage.suite} main`;
    const options = ["--variant=minbase", ...certificates, ...(await machineAptOptions())];
    await run("making the base image", ["mmdebstrap", ...options, baseImage.suite, archive, source], {
      env: { TMPDIR: scratch },
      timeoutMs: 600_000,
    });
    await run("importing the base image", [
      "docker",
      "import",
      '--change=CMD ["bash"]',
      archive,
      baseImage.tag,
    ]);
  } finally {
    clear();
  }
}

/** Without the machine's proxy and its rules for old archives, apt inside the image would reach nothing. */
async function machineAptOptions() {
  const dump = await run("reading the apt configuration", ["apt-config", "dump"]);
  const kept = /^Acquire::(?:https?::Proxy|Check-Valid-Until|Check-Date) .+;$/;
  return dump
    .split("\n")
    .filter((line) => kept.test(line))
    .map((line) => `--aptopt=${line}`);
}
