/**
 * Settings from the environment: WEFT_NATS_URL is `natsUrl`. Every bad field is named at once; an unknown one is refused.
 * Read in main.ts alone, by way of runService.
 */
import { WeftError } from "@weft/schemas";
import type { z } from "zod";

/** What a user's or the lab's environment may hold beside a service's own settings. */
const common = /^WEFT_(LAB|LAB_DIR|CACHE|LOG_LEVEL|TOKEN|SERVER|TEST_.*)$/;

export function readConfig<C>(schema: z.ZodType<C>, environment: NodeJS.ProcessEnv): C {
  const known = new Set(Object.keys("shape" in schema ? (schema.shape as object) : {}));
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(environment)) {
    if (!key.startsWith("WEFT_") || value === undefined) continue;
    const field = fieldOf(key);
    if (known.has(field) || !common.test(key)) given[field] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: variableOf(key), message: "is no setting of this service" }))
      : [{ path: variableOf(issue.path.join("_")), message: issue.message }],
  );
  const list = faults.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new WeftError("invalid-request", `The environment is not valid: ${list}`, { faults });
}

function fieldOf(variable: string): string {
  return variable
    .slice(5)
    .toLowerCase()
    .replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function variableOf(field: string): string {
  return `WEFT_${field.replaceAll(/([A-Z])/g, "_$1").toUpperCase()}`;
}
