/**
 * Requests to the gateway: one fetch each, with the token. A refusal becomes a WeftError with its faults;
 * a gateway that is not there becomes one that says what to do.
 */
import { Refusal, WeftError, errorCatalogue, errorOfRefusal } from "@weft/schemas";
import type { ErrorCode } from "@weft/schemas";
import { forgetGateway, gatewayUrl } from "./choose-gateway.ts";

export interface Server {
  /** e.g. http://127.0.0.1:8080; several copies of the gateway with commas, the preferred one first. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Longest until an answer begins; default 40,000. */
  readonly answerWithinMs?: number;
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Longest that a gateway may take to begin its answer: a request to the intent service has 30 s. */
const answerWithinMs = 40_000;

export async function call(server: Server, path: string, options: Call = {}): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const silent = new AbortController();
  const init: RequestInit = {
    method,
    headers: {
      ...authorization(server),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]),
  };
  const deadline = setTimeout(() => silent.abort(), server.answerWithinMs ?? answerWithinMs);
  let response: Response;
  try {
    response = await fetch(urlOf(await gatewayUrl(server), path, options.query), init);
  } catch (cause) {
    if (signal?.aborted === true || cause instanceof WeftError) throw cause;
    forgetGateway(server);
    throw silent.signal.aborted ? saysNothing(server) : unreachable(server, cause);
  } finally {
    clearTimeout(deadline);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** The body as it comes. One that is cut off is an error, unless the caller cut it off. */
export async function* bodyOf(
  { body }: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new WeftError("unavailable", "The connection to the gateway broke off.", { cause });
  }
}

export function authorization({ token }: Server): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function saysNothing({ url }: Server): WeftError {
  return new WeftError("timeout", `${url} takes requests and does not answer them.`, { concerns: "gateway" });
}

export function unreachable({ url }: Server, cause: unknown): WeftError {
  const reason = codeOf(cause);
  const message =
    reason === "ECONNREFUSED"
      ? `Nothing listens at ${url}: start a lab with \`weft up\`, or name the gateway by --server.`
      : `${url} cannot be reached (${reason}).`;
  return new WeftError("unavailable", message, { cause, concerns: "gateway" });
}

/** The error that a refused answer tells of; also when what answered was no gateway. */
export async function errorOf(response: {
  readonly status: number;
  text(): Promise<string>;
}): Promise<WeftError> {
  const text = await response.text();
  const refusal = Refusal.safeParse(parsed(text));
  if (refusal.success) return errorOfRefusal(refusal.data);
  return new WeftError(
    codeFor(response.status),
    `The server answered ${response.status}: ${text.slice(0, 200)}`,
  );
}

function urlOf(base: string, path: string, query: Call["query"] = {}): URL {
  let url: URL;
  try {
    url = new URL(path, base);
  } catch (cause) {
    throw new WeftError("invalid-request", `"${base}" is no URL of a gateway.`, { cause });
  }
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeFor(status: number): ErrorCode {
  const known = ["unauthorized", "forbidden", "not-found", "unavailable"] as const;
  return known.find((code) => errorCatalogue[code].status === status) ?? "internal";
}

/** fetch hides the system's code in a chain of causes; a failed connect to two addresses has it in each. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ("code" in cause && typeof cause.code === "string" && cause.code !== "") return cause.code;
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  return cause.cause === undefined ? cause.message : codeOf(cause.cause);
}
