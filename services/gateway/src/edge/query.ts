/** Parameters of a URL: each route names those that it takes; any other is refused, so that a typing error shows. */
import { WeftError, isLabel } from "@weft/schemas";
import type { FastifyRequest } from "fastify";
import { z } from "zod";

/** `?watch`, `?watch=true` or `?watch=false`. */
export const Flag = z
  .enum(["", "true", "false"], { error: "must be true or false" })
  .default("false")
  .transform((text) => text !== "false");

export function readQuery<Shape extends z.ZodRawShape>(
  request: FastifyRequest,
  shape: Shape,
): z.output<z.ZodObject<Shape>> {
  const parsed = z.strictObject(shape).safeParse(request.query);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: `?${key}`, message: "is no parameter known here" }))
      : [{ path: `?${issue.path.join(".")}`, message: issue.message }],
  );
  throw new WeftError("invalid-request", "The URL has parameters that do not fit.", { faults });
}

/** A part of the path, which must be a name: whatever else stands there names nothing. */
export function readName(request: FastifyRequest, part: string): string {
  const params = request.params;
  const value: unknown =
    typeof params === "object" && params !== null ? Reflect.get(params, part) : undefined;
  if (typeof value === "string" && isLabel(value)) return value;
  throw new WeftError("not-found", `"${String(value)}" is no name, so nothing is called so.`);
}
