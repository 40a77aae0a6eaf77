/**
 * Carries out wiring plans, all of a round together: one `ip -batch` for all links, a few shells for the namespaces, two
 * transactions for the ports of the switch. Ports come while namespaces are still being set up, since Open vSwitch and OVN
 * need their own time; they count as wired only with the second one: a hash on a port stands for a wiring that is whole.
 */
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import type { Fabric } from "../ports.ts";
import { runInNamespaces } from "./in-namespaces.ts";
import { presentLinks } from "./links.ts";
import type { WiringPlan } from "./plan.ts";

export interface Wiring {
  readonly fabric: Fabric;
  /** Leaves a placement alone for the rest of the round. */
  fail(uid: string, cause: unknown): void;
}

export async function wireAll(plans: readonly WiringPlan[], wiring: Wiring): Promise<void> {
  if (plans.length === 0) return;
  const { fabric } = wiring;
  const failed = new Set<string>();
  const fail = (uid: string, cause: unknown) => {
    failed.add(uid);
    wiring.fail(uid, cause);
  };
  const sound = () => plans.filter(({ uid }) => !failed.has(uid));
  await addLinks(plans, fail);
  await shapeLinks(sound(), fail);
  const linked = sound();
  const [refused] = await Promise.all([
    fabric.add(linked.flatMap(({ ports }) => ports)),
    enterNamespaces(linked, fail),
  ]);
  for (const [uid, cause] of refused) fail(uid, cause);
  await fabric.confirm(sound().flatMap(({ ports }) => ports));
}

export interface Unwiring {
  readonly links: readonly string[];
  readonly ports: readonly string[];
  readonly namespaces: readonly string[];
}

/** Ports first, so that the switch never holds one whose link is gone. */
export async function unwireAll({ links, ports, namespaces }: Unwiring, fabric: Fabric): Promise<void> {
  const present = presentLinks();
  const there = [...new Set([...links, ...ports])].filter((name) => present.has(name));
  if (ports.length > 0 || there.length > 0) await fabric.remove([...new Set([...ports, ...there])]);
  const named = namespaces.filter((name) => existsSync(`/run/netns/${name}`));
  await batch([...named.map((name) => `netns delete ${name}`), ...linksAtOnce(there)]);
}

/** By a group of their own: one by one, the kernel waits some 15 ms for each (200 links: 4 s; so: 0.05 s). */
function linksAtOnce(names: readonly string[]): string[] {
  if (names.length < 2) return names.map((name) => `link delete ${name}`);
  const group = randomInt(2 ** 30, 2 ** 31); // nobody's: those in use are small and have names
  return [...names.map((name) => `link set ${name} group ${group}`), `link delete group ${group}`];
}

/** With the namespaces of probes, which some of them lead into. */
async function addLinks(plans: readonly WiringPlan[], fail: Wiring["fail"]): Promise<void> {
  const lines = plans.flatMap(({ uid, probeNamespaces, links }) => [
    ...probeNamespaces
      .filter((name) => !existsSync(`/run/netns/${name}`))
      .map((name) => ({ uid, line: `netns add ${name}` })),
    ...links.flatMap((link) => link.lines.map((line) => ({ uid, line }))),
  ]);
  const failures = await batch(lines.map(({ line }) => line));
  for (const { lineNumber, words } of failures) {
    const uid = lines[lineNumber - 1]?.uid;
    if (uid !== undefined) fail(uid, new WeftError("unavailable", `Its links: ${words}.`));
  }
}

async function shapeLinks(plans: readonly WiringPlan[], fail: Wiring["fail"]): Promise<void> {
  const lines = plans.flatMap(({ uid, links }) =>
    links.flatMap(({ shaping }) => (shaping === undefined ? [] : [{ uid, line: shaping }])),
  );
  const failures = await batch(
    lines.map(({ line }) => line),
    "tc",
  );
  for (const { lineNumber, words } of failures) {
    const uid = lines[lineNumber - 1]?.uid;
    if (uid !== undefined) fail(uid, new WeftError("unavailable", `Its bandwidth: ${words}.`));
  }
}

async function enterNamespaces(plans: readonly WiringPlan[], fail: Wiring["fail"]): Promise<void> {
  const work = plans.flatMap(({ uid, inside }) => inside.map((each) => ({ uid, ...each })));
  const outcomes = await runInNamespaces(work);
  for (const [index, { uid }] of work.entries())
    if (outcomes[index] !== undefined) fail(uid, outcomes[index]);
}

interface LineFailure {
  readonly lineNumber: number;
  readonly words: string;
}

/** Goes on after a line that fails, so that one placement's trouble is its own; tells which lines failed. */
async function batch(lines: readonly string[], program: "ip" | "tc" = "ip"): Promise<LineFailure[]> {
  if (lines.length === 0) return [];
  const { code, stderr } = await runOnHost({
    argv: [program, "-force", "-batch", "-"],
    stdin: `${lines.join("\n")}\n`,
  });
  return code === 0 ? [] : failuresIn(stderr);
}

/** `ip` and `tc` say their complaint first, then which line of its input it was. */
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
