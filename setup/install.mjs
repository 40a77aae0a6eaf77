/**
 * Brings a machine from what it has to what Weft needs: says what lacks, asks on a terminal, installs, looks again.
 * What is there already is used as it is. Everything stands in requirements.mjs and is probed by doctor.mjs.
 * `npm run setup` runs this alone; start.mjs and test.mjs run it first.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { aptCommand, installSystemPackages } from "./apt.mjs";
import { debianKeyring, fetchProgram } from "./debs.mjs";
import { ensureDockerd } from "./dockerd.mjs";
import { formatRows, inspectMachine } from "./doctor.mjs";
import { ensureImages } from "./images.mjs";
import { installNpmPackages } from "./npm-packages.mjs";
import { cacheDirectory } from "./programs.mjs";
import { foreignPrograms } from "./requirements.mjs";
import { SetupError, runSetup, say, settleAll } from "./shell.mjs";

/** Where a Docker daemon started for the set-up or the tests keeps its running state. */
export const setupDockerFolder = "/run/weft/setup";

/**
 * Installs what lacks. `yes` answers the question that a terminal is asked; `bench` wants what benches are run against as well,
 * `test` what tests need.
 * Throws a SetupError when it cannot.
 */
export async function prepareMachine({ yes, bench = false, test = false }) {
  const lacking = (await inspectMachine({ bench, test })).filter((row) => !row.ok);
  if (lacking.length === 0) return;
  process.stderr.write(`This machine lacks:\n${formatRows(lacking)}\n`);
  refuseWhatOnlyTheUserCanMend(lacking);
  if (process.getuid?.() !== 0) throw new SetupError(commandsForRoot(lacking));
  if (!yes && !process.env.CI && process.stdin.isTTY && process.stderr.isTTY) await ask();
  await mend(lacking);
  const still = (await inspectMachine({ bench, test })).filter((row) => !row.ok);
  if (still.length > 0) throw new SetupError(`This machine still lacks:\n${formatRows(still)}`);
  say(`the machine is ready; programs fetched for Weft are in ${cacheDirectory()}`);
}

function refuseWhatOnlyTheUserCanMend(lacking) {
  const own = lacking.filter((row) => row.kind === "node" || row.kind === "kernel");
  if (own.length > 0) throw new SetupError(`Mend this first:\n${formatRows(own)}`);
}

function commandsForRoot(lacking) {
  const packages = packagesOf(lacking);
  const apt = packages.length > 0 ? [`apt-get update && ${aptCommand(packages).join(" ")}`] : [];
  const commands = [...apt, "npm run setup -- --yes"].map((command) => `  sudo ${command}`);
  return `Installing needs root. As root run:\n${commands.join("\n")}`;
}

function packagesOf(lacking) {
  return [...new Set(lacking.filter((row) => row.kind === "apt").map((row) => row.name))];
}

async function ask() {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const aborted = new Promise((resolve) => prompt.once("SIGINT", () => resolve("no")));
  const answer = await Promise.race([prompt.question("Install what is missing? [Y/n] "), aborted]);
  prompt.close();
  if (!/^(y|yes|)$/i.test(answer.trim())) throw new SetupError("Nothing was installed.");
}

/** npm works beside apt; what is fetched and built comes after apt, by whose programs it is done. */
async function mend(lacking) {
  const kinds = new Set(lacking.map((row) => row.kind));
  const names = new Set(lacking.map((row) => row.name));
  const fetched = foreignPrograms.filter(({ name }) => names.has(name));
  const system = async () => {
    await mendSystem(lacking);
    await settleAll([...fetched.map(fetchProgram), ...(kinds.has("image") ? [mendImages()] : [])]);
  };
  await settleAll([system(), ...(kinds.has("npm") ? [installNpmPackages()] : [])]);
}

async function mendSystem(lacking) {
  const packages = packagesOf(lacking);
  const fetches = lacking.some((row) => row.kind === "program" || row.kind === "image");
  // Debian's keys, where Debian is not what the machine runs and its user named a mirror of it.
  if (fetches && process.env.WEFT_DEBIAN_MIRROR && !existsSync(debianKeyring))
    packages.push("debian-archive-keyring");
  if (packages.length > 0) await installSystemPackages(packages);
}

async function mendImages() {
  const daemon = await ensureDockerd(setupDockerFolder);
  try {
    await ensureImages();
  } finally {
    await daemon.stop();
  }
}

const usage = `npm run setup [-- --yes]: says what this machine lacks for Weft and installs it.
  --yes   do not ask
  --help  say this and change nothing
`;

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
  const [unknown] = process.argv.slice(2).filter((word) => !["--yes", "--help", "-h"].includes(word));
  if (unknown !== undefined || process.argv.includes("--help") || process.argv.includes("-h")) {
    process.stderr.write(unknown === undefined ? usage : `setup: there is no "${unknown}".\n${usage}`);
    process.exit(unknown === undefined ? 0 : 2);
  }
  await runSetup(() => prepareMachine({ yes: process.argv.includes("--yes") }));
  say("nothing is missing");
}
