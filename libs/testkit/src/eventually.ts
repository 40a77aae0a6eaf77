/**
 * Waiting in tests: for a condition with a name and a deadline, never for a time.
 * Reads what the condition looks at, every 10 ms.
 * What must hold is left to the test.
 */
import { setTimeout as delay } from "node:timers/promises";

const lookEveryMs = 10;
/** It ends a wait for what never comes; how quick something is, benches say. */
const defaultWithinMs = 20_000;

export type Truthy<T> = Exclude<T, false | null | undefined>;

/**
 * Resolves with the condition's first answer that is neither false, null nor undefined. A condition that throws does not hold yet. Fails at the deadline
 * with the name of what was waited for and, if there was one, the last error.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = defaultWithinMs }: { readonly withinMs?: number } = {},
): Promise<Truthy<T>> {
  const deadline = performance.now() + withinMs;
  let last: { readonly error?: unknown } = {};
  do {
    try {
      const answer = await condition();
      last = {};
      if (holds(answer)) return answer;
    } catch (error) {
      last = { error };
    }
    await delay(lookEveryMs);
  } while (performance.now() < deadline);
  const reason = last.error instanceof Error ? `: ${last.error.message}` : "";
  throw new Error(`Not within ${withinMs} ms: ${what}${reason}`, { cause: last.error });
}

function holds<T>(answer: T): answer is Truthy<T> {
  return answer !== null && answer !== undefined && answer !== false;
}
