/**
 * Errors of NATS → WeftError: the one place where its classes are told apart.
 * Reads the error; nothing is written.
 * Refusals of the server (conflict) are left to write.ts.
 */
import { RequestError, TimeoutError } from "@nats-io/transport-node";
import { WeftError } from "@weft/schemas";

export function requestError(error: unknown, concerns: string): WeftError {
  if (error instanceof WeftError) return error;
  const more = { cause: error, concerns };
  if (error instanceof TimeoutError || (error instanceof RequestError && error.cause instanceof TimeoutError))
    return new WeftError("timeout", `No answer in time: ${concerns}.`, more);
  if (error instanceof RequestError && error.isNoResponders())
    return new WeftError("unavailable", `Nobody answers: ${concerns}.`, more);
  const reason = error instanceof Error ? error.message : String(error);
  return new WeftError("unavailable", `The bus failed: ${concerns}: ${reason}.`, more);
}
