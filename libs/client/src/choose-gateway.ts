/**
 * Which copy of the gateway to ask, where several are named: the first that says within a second that it is alive.
 * One that is paused takes connections and answers nothing, so that it accepts is no sign of life.
 */
import type { Server } from "./transport.ts";

const aliveWithinMs = 1_000;
const chosen = new WeakMap<Server, Promise<string>>();

/** With a single URL that one, unasked: what is wrong with it is told by the call itself. */
export function gatewayUrl(server: Server): Promise<string> {
  const urls = urlsOf(server);
  const [first = ""] = urls;
  if (urls.length < 2) return Promise.resolve(first);
  const known = chosen.get(server) ?? firstAlive(urls).then((alive) => alive ?? first);
  chosen.set(server, known);
  return known;
}

/** After a call that reached nobody: the next one looks again. */
export function forgetGateway(server: Server): void {
  chosen.delete(server);
}

export function urlsOf({ url }: Pick<Server, "url">): string[] {
  return url.split(",").map((each) => each.trim());
}

/** All are asked at once; an earlier one that is alive goes before a later one that was quicker. */
async function firstAlive(urls: readonly string[]): Promise<string | undefined> {
  const answers = urls.map((url) => isAlive(url));
  for (const [index, answer] of answers.entries()) if (await answer) return urls[index];
  return undefined;
}

async function isAlive(url: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(aliveWithinMs) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
