/**
 * Messages beside the records: requests with an answer, and plain publications, all of them JSON.
 * Reads and writes the connection; bad input is answered with a refusal, never with silence.
 * What the messages mean is left to the handlers.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { Log } from "@weft/runtime";
import { parseJson } from "@weft/runtime";
import type { Refusal } from "@weft/schemas";
import { WeftError, refusalOf } from "@weft/schemas";
import type { Connection } from "./connection.ts";
import { insistentRequest } from "./insistent-request.ts";
import { requestError } from "./request-error.ts";

/** `data` is undefined for an empty payload. */
export type Handler = (data: unknown, subject: string) => Promise<unknown>;
export type Listener = (data: unknown, subject: string) => void;
type Ports = Pick<Connection, "nats" | "awake"> & { readonly log: Log };

const answerWithinMs = 5_000;

export function respond(ports: Ports, subject: string, handler: Handler, queue?: string): Disposable {
  const subscription = ports.nats.subscribe(subject, queue === undefined ? {} : { queue });
  const take = async () => {
    for await (const message of subscription) if (ports.awake()) void answer(ports, message, handler);
  };
  take().catch((error: unknown) =>
    ports.log.error({ err: error, subject }, "requests are no longer answered"),
  );
  return { [Symbol.dispose]: () => end(ports.nats, subscription) };
}

/** Never throws: other requests wait behind none. */
async function answer({ nats, log }: Ports, message: Msg, handler: Handler): Promise<void> {
  const { subject } = message;
  const reply = await replyTo(message, handler, log);
  if (nats.isClosed()) return;
  try {
    message.respond(reply);
  } catch (error) {
    log.error({ err: error, subject, bytes: reply.length }, "a reply could not be sent");
    const cause = new WeftError("internal", "The reply is larger than the bus lets through.", {
      cause: error,
    });
    message.respond(JSON.stringify(refused(cause)));
  }
}

async function replyTo(message: Msg, handler: Handler, log: Log): Promise<string> {
  try {
    const data = parse(message);
    return JSON.stringify((await handler(data, message.subject)) ?? null);
  } catch (error) {
    if (error instanceof WeftError) return JSON.stringify(refused(error));
    log.error({ err: error, subject: message.subject }, "a request failed");
    const reason = error instanceof Error ? error.message : String(error);
    return JSON.stringify(
      refused(new WeftError("internal", `The request failed: ${reason}.`, { cause: error })),
    );
  }
}

function refused(error: WeftError): Refusal & { readonly accepted: false } {
  return { accepted: false, ...refusalOf(error) };
}

function parse(message: Msg): unknown {
  if (message.data.length === 0) return undefined;
  return parseJson(message.string(), "The request");
}

export interface RequestTimes {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** Sent again each time that no answer came for so long; for what may be carried out twice. Default: never. */
  readonly againAfterMs?: number;
}

/** The answer as it came, a refusal too. Throws WeftError: timeout, or unavailable when nobody listens. */
export async function request(
  connection: Connection,
  subject: string,
  payload: unknown,
  { timeoutMs = answerWithinMs, againAfterMs }: RequestTimes = {},
): Promise<unknown> {
  const text = encode(payload);
  try {
    const reply =
      againAfterMs === undefined
        ? await connection.request(subject, text, { timeout: timeoutMs })
        : await insistentRequest(connection, { subject, payload: text }, { timeoutMs, againAfterMs });
    return reply.data.length === 0 ? undefined : reply.json();
  } catch (error) {
    throw requestError(error, subject);
  }
}

export function publish(nats: NatsConnection, subject: string, payload: unknown): void {
  nats.publish(subject, encode(payload));
}

function encode(payload: unknown): string {
  return payload === undefined ? "" : JSON.stringify(payload);
}

/** Broken JSON and faults of the listener are logged: nobody waits for an answer. */
export function subscribe({ nats, awake, log }: Ports, subject: string, listener: Listener): Disposable {
  const subscription = nats.subscribe(subject, {
    callback: (error, message) => {
      try {
        if (error !== null) throw error;
        if (!awake()) return;
        listener(parse(message), message.subject);
      } catch (cause) {
        log.error({ err: cause, subject: message?.subject ?? subject }, "a message was not taken");
      }
    },
  });
  return { [Symbol.dispose]: () => end(nats, subscription) };
}

function end(nats: NatsConnection, subscription: { unsubscribe(): void }): void {
  if (!nats.isClosed()) subscription.unsubscribe();
}
