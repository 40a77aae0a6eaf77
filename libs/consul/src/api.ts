/**
 * Consul's HTTP API, as far as Weft uses it: a dozen calls, each checked by a schema and bounded in time.
 * Reads and writes one Consul agent.
 * By hand rather than by the `consul` package, whose long polls cannot be aborted (a leader would release late) and answer `any`.
 */
import { WeftError } from "@weft/schemas";
import type { z } from "zod";

export interface CallOptions {
  readonly method?: "GET" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a text. */
  readonly body?: unknown;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  /** 200, or 404 where that is an answer. */
  readonly status: number;
  readonly text: string;
  /** Raft index for the next long poll. */
  readonly index: string;
}

/** Consul's answer said no; `status` is its HTTP status. */
export class ConsulRefusal extends WeftError {
  readonly status: number;

  constructor(call: string, status: number, text: string) {
    super("unavailable", `Consul refused ${call} (${status}): ${text.trim()}.`, { concerns: "consul" });
    this.status = status;
  }
}

/** Throws ConsulRefusal for what Consul refuses, and WeftError("unavailable") when it does not answer. */
export async function call(url: string, path: string, o: CallOptions = {}): Promise<Answer> {
  const { method = "GET", timeoutMs = 5_000, query = {} } = o;
  const target = new URL(`/v1/${path}`, url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  const late = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  let index: string;
  try {
    const response = await fetch(target, {
      method,
      signal: o.signal === undefined ? late : AbortSignal.any([o.signal, late]),
      ...(o.body === undefined ? {} : { body: typeof o.body === "string" ? o.body : JSON.stringify(o.body) }),
    });
    status = response.status;
    text = await response.text();
    index = response.headers.get("x-consul-index") ?? "0";
  } catch (error) {
    throw new WeftError("unavailable", `Consul at ${url} does not answer ${method} ${path}.`, {
      cause: error,
      concerns: "consul",
    });
  }
  if (status === 200 || (status === 404 && method === "GET")) return { status, text, index };
  throw new ConsulRefusal(`${method} ${path}`, status, text);
}

/** A GET whose answer has the shape of `schema`; undefined for 404. */
export async function read<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
  o: CallOptions = {},
): Promise<T | undefined> {
  const { status, text } = await call(url, path, o);
  return status === 404 ? undefined : parseAnswer(schema, text, path);
}

export function parseAnswer<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new WeftError("internal", `Consul answered ${path} in an unknown shape.`, {
      cause: error,
      concerns: "consul",
    });
  }
}
