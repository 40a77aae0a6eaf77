/** Compares a source with the rule of its folder. Returns sentences, one for each fault; none when it keeps the rule. */
import { builtinModules } from "node:module";
import { factsOf } from "./imports.ts";
import type { Rule } from "./rules.ts";

const builtin = new Set(builtinModules);
const isTest = (file: string) => /\.test\.ts$|\/test\//.test(file);

export function ruleOf(file: string, rules: readonly Rule[]): Rule | undefined {
  return rules
    .filter((rule) => file.startsWith(`${rule.folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

export function faultsOf(file: string, text: string, rules: readonly Rule[]): string[] {
  if (isTest(file)) return []; // tests start real servers and read files; no product code imports them
  const rule = ruleOf(file, rules);
  if (rule === undefined) return [`${file}: lies in no folder of the table in test/architecture/rules.ts`];
  const facts = factsOf(file, text);
  return [
    ...facts.imports.flatMap((name) => importFault(file, name, rule)),
    ...wordFaults(file, facts, rule),
  ];
}

function importFault(file: string, name: string, rule: Rule): string[] {
  if (name.startsWith(".")) return relativeFault(file, name, rule);
  if (name.startsWith("@weft/"))
    return rule.weft.includes(name) || name === ownPackage(file) ? [] : [`${file}: may not import ${name}`];
  if (name.startsWith("node:") || builtin.has(name))
    return rule.node ? [] : [`${file}: may not import ${name}`];
  if (rule.packages === "any") return [];
  const known = rule.packages.some((allowed) => name === allowed || name.startsWith(`${allowed}/`));
  return known ? [] : [`${file}: may not import the package ${name}`];
}

/** A relative path must stay in its package: another package is reached by its name and its entry file. */
function relativeFault(file: string, name: string, rule: Rule): string[] {
  const target = new URL(name, `file:///${file}`).pathname.slice(1);
  const top = packageFolder(file);
  if (!target.startsWith(`${top}/`) && !allowedOutside(file, target))
    return [`${file}: reaches out of ${top} by ${name}`];
  const pure = !rule.node && file.startsWith("libs/ovsdb/src/") && !file.endsWith("src/index.ts");
  return pure && target.startsWith("libs/ovsdb/src/client/") ? [`${file}: may not import the client`] : [];
}

/** The doctor is written without packages, since it runs before an install; the command line shows the same one. */
function allowedOutside(file: string, target: string): boolean {
  return target.startsWith("setup/") && /^libs\/(lab|host|cli|testkit)\//.test(file);
}

function wordFaults(file: string, facts: ReturnType<typeof factsOf>, rule: Rule): string[] {
  if (rule.forbidden === undefined) return [];
  const words = rule.forbidden
    .filter((word) => facts.identifiers.has(word))
    .map((word) => `${file}: may not use ${word}`);
  return facts.awaits ? [...words, `${file}: may not be asynchronous`] : words;
}

function packageFolder(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "libs" || first === "services" ? `${first}/${second}` : first;
}

function ownPackage(file: string): string {
  const folder = packageFolder(file);
  return `@weft/${folder.startsWith("services/") ? folder.replace("services/", "service-") : folder.replace("libs/", "")}`;
}
