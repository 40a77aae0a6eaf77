/**
 * A look at many namespaces by one shell: what `ip`, `tc` and the function's tool say in each, and which sysctls hold.
 * Writes the script and reads its answer, both pure: a section begins with `@`, which nothing that is asked begins a line with.
 */
import { readSection, readSysctl, wantedSysctls } from "./facts.ts";
import { hasV6 } from "../wiring/namespace-script.ts";
import type { NamespaceContents } from "../wiring/namespace-script.ts";

export interface Looked {
  readonly facts: ReadonlySet<string>;
  /** What the function says of its configuration in force; undefined where it was not asked. */
  readonly rules: readonly string[] | undefined;
  /** What hangs before the stack, as nft lists it; undefined where nobody asked. */
  readonly chains: string | undefined;
}

export interface Question {
  /** Names the answer. */
  readonly id: string;
  /** undefined: the node's own namespace. */
  readonly namespacePath: string | undefined;
  /** Left out: only the function is asked. */
  readonly script?: string;
  /** What asks the function for its configuration in force: words of the catalogue's own, no text of a user gets in. */
  readonly rules?: readonly string[];
  /** What prints the chains of a shard's shim, likewise. */
  readonly chains?: readonly string[];
}

/** Names the question about the node's own end of all links. */
export const hostQuestion = "host";

/** Names the question about one of a placement's namespaces; the first is its own, those of its probe follow. */
export function questionId(uid: string, place: number): string {
  return `${uid} ${place}`;
}

/** Programs are what a look costs: each is one of few, and `ip` is told all that it can tell at once. */
export function insideScript(contents: NamespaceContents): string {
  const ruled = contents.routes.some(({ arrivedOn }) => arrivedOn !== undefined);
  const told = ["address show", "route show table all", ...(ruled ? ["rule show"] : [])];
  return [
    `echo @links+routes+rules4; printf '${told.join("\\n")}\\n' | ip -j -force -batch -; echo`,
    ...(ruled && hasV6(contents) ? ["echo @rules6; ip -j -6 rule show; echo"] : []),
    ...(contents.bandwidth === undefined ? [] : ["echo @shaping; tc -j qdisc show; echo"]),
    `echo @sysctls; exec grep -sH . ${Object.keys(wantedSysctls(contents))
      .map((file) => `/proc/sys/${file}`)
      .join(" ")}`,
  ].join("\n");
}

export const hostScript = "echo @links; ip -j link show; echo; echo @shaping; tc -j qdisc show; echo";

/** One shell for all; a namespace that is gone answers nothing. */
export function lookScript(questions: readonly Question[]): string {
  return questions.flatMap(({ id, ...question }) => [`echo '@of ${id}'`, ...linesOf(question)]).join("\n");
}

function linesOf({ namespacePath, script, rules, chains }: Omit<Question, "id">): string[] {
  const inside = namespacePath === undefined ? "" : `nsenter --net=${namespacePath} -- `;
  const there = namespacePath === undefined ? "" : `[ -e ${namespacePath} ] && `;
  return [
    ...(script === undefined ? [] : [inside === "" ? script : `${inside}sh -c ${quoted(script)}`]),
    ...(rules === undefined ? [] : [`${there}{ echo @function; ${inside}${rules.join(" ")}; echo @end; }`]),
    ...(chains === undefined ? [] : [`${there}{ echo @chains; ${inside}${chains.join(" ")} && echo @end; }`]),
  ];
}

interface Reading {
  readonly facts: Set<string>;
  rules: string[] | undefined;
  chains: string | undefined;
}

/** By the question's id; those that did not answer are left out. */
export function readLook(answer: string): Map<string, Looked> {
  const found = new Map<string, Reading>();
  let current: Reading | undefined;
  let section = "";
  /** Of a section that several answers share, one line each. */
  let names: string[] = [];
  for (const line of answer.split("\n")) {
    if (line.startsWith("@of ")) {
      current = { facts: new Set(), rules: undefined, chains: undefined };
      found.set(line.slice("@of ".length), current);
    } else if (line.startsWith("@")) {
      section = line.slice(1);
      names = section.split("+");
      if (section === "function" && current !== undefined) current.rules = [];
      if (section === "chains" && current !== undefined) current.chains = "";
    } else if (current !== undefined) readLine(line, { section, names }, current);
  }
  return new Map(
    [...found].filter(
      ([, { facts, rules, chains }]) => facts.size > 0 || rules !== undefined || chains !== undefined,
    ),
  );
}

function readLine(
  line: string,
  at: { readonly section: string; readonly names: string[] },
  reading: Reading,
): void {
  if (at.section === "function") reading.rules?.push(line);
  else if (at.section === "chains") reading.chains += `${line}\n`;
  else if (at.section === "sysctls") reading.facts.add(readSysctl(line));
  else if (line.trim() !== "")
    for (const fact of readSection[at.names.shift() ?? ""]?.(JSON.parse(line)) ?? []) reading.facts.add(fact);
}

/** The first of the lines that stands no longer where it stood; lines between them are somebody else's. */
export function firstLost(wanted: readonly string[], now: readonly string[]): string | undefined {
  let at = 0;
  for (const line of wanted) {
    at = now.indexOf(line, at) + 1;
    if (at === 0) return line.trim();
  }
  return undefined;
}

function quoted(script: string): string {
  return `'${script.replaceAll("'", `'\\''`)}'`;
}
