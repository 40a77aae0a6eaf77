/** Options that all verbs share, and how a verb's options are read: by a schema, so that a wrong one is exit code 2. */
import type { WeftClient } from "@weft/client";
import { Label, defaultTenant, durationSeconds, isLabel } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { connect } from "./connection.ts";
import { forms } from "./output/show.ts";
import { UsageError } from "./usage-error.ts";

const Common = z.object({
  output: z.enum(forms, { error: "must be table, json or yaml" }).default("table"),
  tenant: Label.optional(),
  server: z.string().optional(),
});
export type CommonOptions = z.infer<typeof Common>;

const usualServer = "the gateway (default: WEFT_SERVER, then http://127.0.0.1:8080)";

export function addCommon(command: Command, server = usualServer): Command {
  return command
    .option("-o, --output <form>", "table, json or yaml", "table")
    .option("--tenant <name>", "the tenant (default: the document's, then WEFT_TENANT, then `default`)")
    .option("--server <url>", server);
}

/** The options of a verb: the common ones and those of the shape. */
export function readOptions<Shape extends z.ZodRawShape>(
  command: Command,
  shape: Shape,
): CommonOptions & z.output<z.ZodObject<Shape>> {
  const options = command.opts();
  return { ...checked(Common, options), ...checked(z.object(shape), options) };
}

function checked<T>(schema: z.ZodType<T>, options: unknown): T {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--${issue?.path.join(".")}: ${issue?.message}`);
}

export function clientOf(options: CommonOptions): WeftClient {
  return connect({ server: options.server });
}

export function tenantOf(options: CommonOptions): string {
  return options.tenant ?? usualTenant() ?? defaultTenant;
}

/** The tenant of the environment, for what names none. Throws UsageError for what is no name. */
export function usualTenant(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment["WEFT_TENANT"];
  if (given === undefined || given === "") return undefined;
  if (!isLabel(given)) throw new UsageError(`WEFT_TENANT: "${given}" is no name of a tenant`);
  return given;
}

/** Milliseconds of a duration such as 60s. */
export const DurationMs = z.string().transform((text, context) => {
  try {
    return durationSeconds(text) * 1000;
  } catch {
    context.addIssue({ code: "custom", message: "must be a duration such as 500ms, 60s or 5m" });
    return z.NEVER;
  }
});

/** A whole number within bounds, as typed; what is beyond them is a wrong use and not a refusal. */
export function wholeNumber(from: number, to = Number.MAX_SAFE_INTEGER) {
  const bounds = to === Number.MAX_SAFE_INTEGER ? `${from} or more` : `from ${from} to ${to}`;
  return z
    .string()
    .regex(/^-?\d+$/, `must be a whole number, ${bounds}`)
    .transform(Number)
    .refine((number) => number >= from && number <= to, `must be a whole number, ${bounds}`);
}
