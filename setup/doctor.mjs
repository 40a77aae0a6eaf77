/**
 * What this machine has and lacks, row by row, with the command that mends it. Changes nothing.
 * Probes the table of requirements.mjs; `node setup/doctor.mjs` prints it, `weft doctor` shows the same rows.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { aptCommand } from "./apt.mjs";
import { dockerAnswers } from "./dockerd.mjs";
import { lackingImages } from "./images.mjs";
import { npmPackagesState } from "./npm-packages.mjs";
import { atLeast, findProgram, findProgramAtLeast } from "./programs.mjs";
import {
  baseImage,
  benchPackages,
  builtImages,
  dockerPackage,
  foreignPrograms,
  systemNode,
  systemPackages,
  testPackages,
} from "./requirements.mjs";

export const installCommand = "npm run setup";

/** Rows { name, kind, have, need, ok, mend }; `mend` is empty where nothing is to be mended. `bench`: its peers too; `test`: what tests need. */
export async function inspectMachine({ bench = false, test = false } = {}) {
  return [
    systemNodeRow(),
    npmRow(),
    ...systemRows([...systemPackages, ...(bench ? benchPackages : []), ...(test ? testPackages : [])]),
    ...foreignPrograms.map(foreignRow),
    tunRow(),
    await daemonRow(),
    ...(await imageRows()),
  ];
}

function row(kind, name, { have, need, ok, mend }) {
  return { kind, name, have, need, ok, mend: ok ? "" : mend };
}

function systemNodeRow() {
  const have = process.versions.node;
  return row("node", "node", {
    have,
    need: `>= ${systemNode}`,
    ok: atLeast(have, systemNode),
    mend: "install a newer Node",
  });
}

function npmRow() {
  const have = npmPackagesState();
  return row("npm", "npm packages", {
    have,
    need: "as package-lock.json",
    ok: have === "current",
    mend: installCommand,
  });
}

function systemRows(packages) {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  return packages.map(({ name, programs = [], files = [], on }) => {
    const found = [
      ...programs.map((program) => findProgram(program)),
      ...files.map((file) => (existsSync(file) ? file : undefined)),
    ];
    const lacks = [...programs, ...files].filter((_, index) => found[index] === undefined);
    const have = lacks.length === 0 ? found[0] : `no ${lacks.join(", ")}`;
    return aptRow(on?.[release] ?? name, {
      have,
      need: [...programs, ...files].join(", "),
      ok: lacks.length === 0,
    });
  });
}

function aptRow(name, { have, need, ok }) {
  return row("apt", name, { have, need, ok, mend: aptCommand([name]).join(" ") });
}

function foreignRow(wanted) {
  const found = findProgramAtLeast(wanted.name, wanted.atLeast);
  const have = found ? `${found.version} ${found.file}` : "none";
  return row("program", wanted.name, {
    have,
    need: `>= ${wanted.atLeast}`,
    ok: found !== undefined,
    mend: installCommand,
  });
}

/** Open vSwitch in user space makes its ports from tap devices. */
function tunRow() {
  const ok = existsSync("/dev/net/tun");
  return row("kernel", "tun device", {
    have: ok ? "/dev/net/tun" : "none",
    need: "/dev/net/tun",
    ok,
    mend: "modprobe tun",
  });
}

async function daemonRow() {
  const answers = await dockerAnswers();
  const ok = answers || findProgram("dockerd") !== undefined;
  const have = answers ? "answers" : ok ? "not running; started when needed" : "none";
  return aptRow(dockerPackage, { have, need: "Docker's daemon", ok });
}

async function imageRows() {
  const lacking = await lackingImages();
  return [baseImage, ...builtImages].map(({ tag }) => {
    const state = lacking.find((image) => image.tag === tag)?.state;
    return row("image", tag, {
      have: state ?? "there",
      need: "current",
      ok: state === undefined,
      mend: installCommand,
    });
  });
}

/** The rows as aligned text, those that lack marked. */
export function formatRows(rows) {
  const widths = ["name", "have", "need"].map((key) => Math.max(...rows.map((each) => each[key].length)));
  return rows
    .map(({ name, have, need, ok, mend }) => {
      const cells = [name, have, need].map((cell, index) => cell.padEnd(widths[index]));
      return `${ok ? "ok  " : "LACK"}  ${cells.join("  ")}  ${mend}`.trimEnd();
    })
    .join("\n");
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
  const rows = await inspectMachine();
  process.stdout.write(`${formatRows(rows)}\n`);
  process.exitCode = rows.every((each) => each.ok) ? 0 : 1;
}
