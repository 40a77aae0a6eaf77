/**
 * Calls to one Consul agent: bounded in time, to be broken off by a signal, answered in a shape that a schema has checked.
 * Reads and writes by the `consul` package, whose types say `any` and know neither its time limits nor its contexts.
 * Which calls there are is left to the other files.
 */
import { EventEmitter } from "node:events";
import { WeftError } from "@weft/schemas";
import Consul from "consul";
import { z } from "zod";

/** To be spread into the options of a call. */
export interface Bounds {
  readonly timeout: number;
  readonly ctx: EventEmitter;
  /** Never set: what these have in common with the options that the package's types know. */
  readonly token?: string;
}

export interface AskOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  /** undefined: there is no such thing. */
  readonly body: T | undefined;
  /** Raft index for the next long poll. */
  readonly index: string;
}

type Call = (consul: Consul, bounds: Bounds) => Promise<unknown>;

const clients = new Map<string, Consul>();

/** What a call answers in a context that has `includeResponse`. */
const Raw = z.tuple(
  [z.looseObject({ headers: z.looseObject({ "x-consul-index": z.string().default("0") }) })],
  z.unknown(),
);
const Failed = z.looseObject({ statusCode: z.number() });

/** Carries out a call whose answer says nothing more. Throws WeftError("unavailable"). */
export async function tell(url: string, call: Call, o: AskOptions = {}): Promise<void> {
  await ask(url, z.unknown(), call, o);
}

/** Throws WeftError: unavailable when Consul refuses or does not answer, internal when nobody knows the answer's shape. */
export async function ask<T>(
  url: string,
  schema: z.ZodType<T>,
  call: Call,
  { timeoutMs = 5_000, signal }: AskOptions = {},
): Promise<Answer<T>> {
  const ctx = Object.assign(new EventEmitter(), { includeResponse: true });
  const cancel = () => ctx.emit("cancel");
  signal?.addEventListener("abort", cancel);
  try {
    signal?.throwIfAborted();
    const [response, body] = Raw.parse(await call(clientOf(url), { timeout: timeoutMs, ctx }));
    const index = response.headers["x-consul-index"];
    return { body: body === undefined ? undefined : schema.parse(body), index };
  } catch (error) {
    throw errorOf(error, url);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

function clientOf(url: string): Consul {
  const found = clients.get(url);
  if (found !== undefined) return found;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "https:";
  const client = new Consul({ host: hostname, port: Number(port === "" ? 8_500 : port), secure });
  clients.set(url, client);
  return client;
}

function errorOf(error: unknown, url: string): WeftError {
  const more = { cause: error, concerns: "consul" };
  if (error instanceof z.ZodError)
    return new WeftError("internal", "Consul answered in an unknown shape.", more);
  const reason = error instanceof Error ? error.message : String(error);
  const refused = Failed.safeParse(error).success;
  const what = refused ? "refused" : "does not answer";
  return new WeftError("unavailable", `Consul at ${url} ${what}: ${reason}.`, more);
}
