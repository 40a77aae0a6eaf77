/** The daemon's refusals as Weft's errors: the HTTP status tells them apart, never the words. */
import { WeftError } from "@weft/schemas";
import { z } from "zod";
import { withDeadline } from "./deadline.ts";

const Refused = z.object({ statusCode: z.number(), reason: z.string().nullish(), message: z.string() });

export function statusOf(cause: unknown): number | undefined {
  return Refused.safeParse(cause).data?.statusCode;
}

export function dockerError(doing: string, cause: unknown): WeftError {
  if (cause instanceof WeftError) return cause; // it says already what was being done
  const words = cause instanceof Error ? cause.message : String(cause);
  return new WeftError("unavailable", `Docker, ${doing}: ${words}.`, { cause, concerns: "docker" });
}

/** Runs an answer-less call; "not there" and "already so" (404, 304, 409) are what was wanted. */
export async function settledAs(
  accepted: readonly number[],
  doing: string,
  work: (abortSignal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  try {
    await withDeadline(doing, work);
  } catch (cause) {
    if (!accepted.includes(statusOf(cause) ?? 0)) throw dockerError(doing, cause);
  }
}
