/**
 * A finding: one fault, its place in the request, and the code of the error catalogue that it falls under.
 * Checks return findings; admit orders them and chooses the code of the whole refusal.
 */
import type { ErrorCode, Fault } from "@weft/schemas";

export interface Finding extends Fault {
  readonly code: ErrorCode;
}

export type PathPart = string | number | symbol;

/** From the most telling to the least: a refusal with faults of several codes goes by the first of these. */
const precedence: readonly ErrorCode[] = [
  "invalid-request",
  "invalid-document",
  "unsupported",
  "config-refused",
  "not-found",
  "in-use",
  "conflict",
];

export function finding(code: ErrorCode, path: string, message: string): Finding {
  return { code, path, message };
}

/** A path as people write it: documents[2].spec.subnets[0], and spec.config["a b"] for a key that is no word. */
export function pathText(parts: readonly PathPart[]): string {
  return parts.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const key = String(part);
    if (!/^[A-Za-z_][-\w]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** The code for the whole of them; findings must not be empty. */
export function codeOf(findings: readonly Finding[]): ErrorCode {
  return precedence.find((code) => findings.some((one) => one.code === code)) ?? "invalid-document";
}

/** Faults as they are answered: in the order of the documents, each once. */
export function faultsOf(findings: readonly Finding[]): Fault[] {
  const once = new Map(findings.map(({ path, message }) => [`${path}\n${message}`, { path, message }]));
  return [...once.values()].toSorted((a, b) => comparePaths(a.path, b.path) || compare(a.message, b.message));
}

/** Numbers in brackets by value, so that documents[10] comes after documents[9]. */
function comparePaths(a: string, b: string): number {
  const pad = (path: string) => path.replace(/\d+/g, (digits) => digits.padStart(10, "0"));
  return compare(pad(a), pad(b));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
