/**
 * Zod's issues as faults with paths such as `rules[1].ports[0]`, worded for the person who wrote the configuration.
 * Pure. An unknown field is named at its own place, not at its parent's.
 */
import type { Fault } from "@weft/schemas";
import type { z } from "zod";

export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: "is not a field of this" }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
}

export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}
