/**
 * Configuration: the environment → a checked object. WEFT_FOO_BAR is the field `fooBar`.
 * Reads the environment that it is given; every bad or unknown variable is listed at once.
 * Which fields there are is left to the schema of each service.
 */
import { z } from "zod";

/** Read by the runtime itself in every service. */
export const RuntimeConfig = z.object({
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  metricsHost: z.string().default("127.0.0.1"),
  metricsPort: z.coerce.number().int().min(1).max(65_535).optional(),
});
export type RuntimeConfig = z.infer<typeof RuntimeConfig>;

/** Words of Weft's other programs, which a child inherits: no fault, unless the service has a field of that name. */
const wordsOfOthers =
  /^WEFT_(?:LAB|LAB_DIR|CACHE|TOKEN|SERVER|DEBIAN_MIRROR|LOG_LEVEL|METRICS_HOST|METRICS_PORT|TEST_.*)$/;
const prefix = "WEFT_";

export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.name = "ConfigError";
    this.faults = faults;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws ConfigError with every fault. */
export function readConfig<C>(
  schema: z.ZodType<C>,
  environment: Environment,
): { readonly config: C; readonly runtime: RuntimeConfig } {
  const known = schema instanceof z.ZodObject ? new Set(Object.keys(schema.shape)) : undefined;
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined) continue;
    const field = fieldName(name);
    if (wordsOfOthers.test(name) && known?.has(field) !== true) continue;
    values[field] = value;
  }
  const unknown = known === undefined ? [] : Object.keys(values).filter((field) => !known.has(field));
  const parsed = schema.safeParse(
    Object.fromEntries(Object.entries(values).filter(([f]) => !unknown.includes(f))),
  );
  const runtime = RuntimeConfig.safeParse({
    logLevel: environment["WEFT_LOG_LEVEL"],
    metricsHost: environment["WEFT_METRICS_HOST"],
    metricsPort: environment["WEFT_METRICS_PORT"],
  });
  const faults = [
    ...unknown.map((field) => `${variableName(field)}: there is no such setting`),
    ...(parsed.success ? [] : faultsOf(parsed.error)),
    ...(runtime.success ? [] : faultsOf(runtime.error)),
  ];
  if (!parsed.success || !runtime.success || faults.length > 0) throw new ConfigError(faults);
  return { config: parsed.data, runtime: runtime.data };
}

function faultsOf(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((field) => `${variableName(field)}: there is no such setting`);
    const [field, ...rest] = issue.path.map(String);
    const place = field === undefined ? "configuration" : [variableName(field), ...rest].join(".");
    return [`${place}: ${issue.message}`];
  });
}

/** WEFT_FOO_BAR → fooBar */
export function fieldName(variable: string): string {
  return variable
    .slice(prefix.length)
    .toLowerCase()
    .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** fooBar → WEFT_FOO_BAR */
export function variableName(field: string): string {
  return prefix + field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
