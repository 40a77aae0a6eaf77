/** What zod would say of a value, in the words of whoever wrote the document: what is wanted there. Schemas' own words come first. */
import type { z } from "zod";

const shapes: Readonly<Record<string, string>> = {
  object: "fields, each with a value",
  record: "fields, each with a value",
  array: "a list",
  number: "a number, without quotes",
  int: "a whole number",
  boolean: "true or false, without quotes",
};

export function faultWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return issue.expected === "string"
        ? textWanted(issue.input)
        : `must be ${shapes[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${listed(issue.values.map(String))}`;
    case "too_small":
      return issue.origin === "string" && issue.minimum === 1
        ? "must not be empty"
        : bound("at least", issue.minimum, issue.origin);
    case "too_big":
      return bound("at most", issue.maximum, issue.origin);
    case "invalid_key":
      return issue.issues[0]?.message;
    case "invalid_format":
    case "invalid_union":
    case "invalid_element":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
    case undefined:
      return undefined;
  }
}

function textWanted(input: unknown): string {
  return typeof input === "number" || typeof input === "boolean"
    ? `must be a text: put it in quotes, "${String(input)}"`
    : "must be a text";
}

function bound(words: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `must have ${words} ${limit} characters`;
  return origin === "array" ? `must have ${words} ${limit} entries` : `must be ${words} ${limit}`;
}

function listed(values: readonly string[]): string {
  const [last = "", ...others] = values.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(", ")} or ${last}`;
}
