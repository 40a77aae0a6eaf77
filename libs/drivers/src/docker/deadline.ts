/** A deadline for the daemon's short answers. Streams (events, logs, a command's output) have none: they may be silent. */
import { WeftError } from "@weft/schemas";

const answerWithinMs = 30_000;

/** Gives `call` a signal that ends its request. Throws WeftError("timeout") even if the call does not heed it. */
export async function withDeadline<T>(
  doing: string,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const words = `Docker, ${doing}: no answer within ${answerWithinMs} ms.`;
    late.reject(new WeftError("timeout", words, { concerns: "docker" }));
    abort.abort();
  }, answerWithinMs);
  try {
    return await Promise.race([call(abort.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
