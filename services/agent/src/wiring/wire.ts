/**
 * Carries out wiring plans, all of a round together: one `ip -batch` for all links, one script for each namespace, one
 * transaction for all ports of the switch, which comes last: a port that is there stands for a wiring that is whole.
 */
import { existsSync } from "node:fs";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import type { Fabric } from "../ports.ts";
import { presentLinks } from "./links.ts";
import type { WiringPlan } from "./plan.ts";

const scriptsAtOnce = 4;

export interface Wiring {
  readonly fabric: Fabric;
  readonly checksumOffload: boolean;
  /** Leaves a placement alone for the rest of the round. */
  fail(uid: string, cause: unknown): void;
}

export async function wireAll(plans: readonly WiringPlan[], wiring: Wiring): Promise<void> {
  if (plans.length === 0) return;
  const failed = new Set<string>();
  const fail = (uid: string, cause: unknown) => {
    failed.add(uid);
    wiring.fail(uid, cause);
  };
  const sound = () => plans.filter(({ uid }) => !failed.has(uid));
  await addProbeNamespaces(plans);
  await addLinks(plans, fail);
  await prepareHostEnds(sound(), wiring.checksumOffload, fail);
  await enterNamespaces(sound(), fail);
  await addPorts(sound(), wiring.fabric, fail);
}

/** One transaction; where it is refused, one for each placement, so that whose port it was is alone in having none. */
async function addPorts(plans: readonly WiringPlan[], fabric: Fabric, fail: Wiring["fail"]): Promise<void> {
  try {
    await fabric.add(plans.flatMap(({ ports }) => ports));
  } catch (cause) {
    if (plans.length === 1) throw cause;
    for (const { uid, ports } of plans)
      try {
        await fabric.add(ports);
      } catch (refused) {
        fail(uid, refused);
      }
  }
}

export interface Unwiring {
  readonly links: readonly string[];
  readonly ports: readonly string[];
  readonly namespaces: readonly string[];
}

/** Ports first, so that the switch never holds one whose link is gone. */
export async function unwireAll({ links, ports, namespaces }: Unwiring, fabric: Fabric): Promise<void> {
  await fabric.remove(ports);
  const present = presentLinks();
  const there = [...new Set([...links, ...ports])].filter((name) => present.has(name));
  const named = namespaces.filter((name) => existsSync(`/run/netns/${name}`));
  await batch([
    ...named.map((name) => `netns delete ${name}`),
    ...there.map((name) => `link delete ${name}`),
  ]);
}

async function addProbeNamespaces(plans: readonly WiringPlan[]): Promise<void> {
  const names = plans.flatMap(({ probeNamespaces }) => probeNamespaces);
  await batch(names.filter((name) => !existsSync(`/run/netns/${name}`)).map((name) => `netns add ${name}`));
}

async function addLinks(plans: readonly WiringPlan[], fail: Wiring["fail"]): Promise<void> {
  const lines = plans.flatMap(({ uid, links }) =>
    links.flatMap((link) => link.lines.map((line) => ({ uid, line }))),
  );
  const failures = await batch(lines.map(({ line }) => line));
  for (const { lineNumber, words } of failures) {
    const uid = lines[lineNumber - 1]?.uid;
    if (uid !== undefined) fail(uid, new WeftError("unavailable", `Its links: ${words}.`));
  }
}

/** One shell for all ends; a line that fails says so with its number and the rest goes on. */
async function prepareHostEnds(
  plans: readonly WiringPlan[],
  checksumOffload: boolean,
  fail: Wiring["fail"],
): Promise<void> {
  const ends = plans.flatMap(({ uid, links }) => links.map((link) => ({ uid, ...link })));
  const lines = ends.flatMap(({ name, shaping }, index) => [
    ...(checksumOffload ? [] : [`ethtool -K ${name} tx off >/dev/null 2>&1 || echo ${index} checksums`]),
    ...(shaping === undefined ? [] : [`tc ${shaping} 2>/dev/null || echo ${index} shaping`]),
  ]);
  if (lines.length === 0) return;
  const { stdout } = await runOnHost({ argv: ["sh", "-s"], stdin: `${lines.join("\n")}\n` });
  for (const [, index, what] of stdout.matchAll(/^(\d+) (\w+)$/gm)) {
    const uid = ends[Number(index)]?.uid;
    if (uid !== undefined) fail(uid, new WeftError("unavailable", `Its links' ends: ${what} cannot be set.`));
  }
}

async function enterNamespaces(plans: readonly WiringPlan[], fail: Wiring["fail"]): Promise<void> {
  const work = plans.flatMap(({ uid, inside }) => inside.map((each) => ({ uid, ...each })));
  const next = work.values();
  const worker = async () => {
    for (const { uid, namespacePath, script } of next) {
      try {
        await runInNamespace(namespacePath, script);
      } catch (cause) {
        fail(uid, cause);
      }
    }
  };
  await Promise.all(Array.from({ length: scriptsAtOnce }, worker));
}

/** Throws with what the script said when it fails. */
export async function runInNamespace(namespacePath: string, script: string): Promise<void> {
  const argv = ["nsenter", `--net=${namespacePath}`, "--", "sh", "-ec", script];
  const { code, stderr } = await runOnHost({ argv });
  if (code !== 0) throw new WeftError("unavailable", `Inside its namespace: ${stderr.trim()}.`);
}

interface LineFailure {
  readonly lineNumber: number;
  readonly words: string;
}

/** Goes on after a line that fails, so that one placement's trouble is its own; tells which lines failed. */
async function batch(lines: readonly string[]): Promise<LineFailure[]> {
  if (lines.length === 0) return [];
  const { code, stderr } = await runOnHost({
    argv: ["ip", "-force", "-batch", "-"],
    stdin: `${lines.join("\n")}\n`,
  });
  return code === 0 ? [] : failuresIn(stderr);
}

/** `ip` says its complaint first, then which line of its input it was. */
export function failuresIn(stderr: string): LineFailure[] {
  let words: string[] = [];
  return stderr.split("\n").flatMap((line) => {
    const lineNumber = /^Command failed [^:]*:(\d+)/.exec(line)?.[1];
    if (lineNumber === undefined) {
      if (line.trim() !== "") words.push(line.trim());
      return [];
    }
    const failure = { lineNumber: Number(lineNumber), words: words.join("; ") };
    words = [];
    return [failure];
  });
}
