/**
 * A request that is sent again when no answer comes: the copy of a service that got it may hang, and the next one goes to another.
 * All sendings have one inbox, and the first answer counts. Only for requests that may be carried out twice.
 */
import type { Msg } from "@nats-io/transport-node";
import { NoRespondersError, TimeoutError, createInbox } from "@nats-io/transport-node";
import type { Connection } from "./connection.ts";

export async function insistentRequest(
  connection: Connection,
  { subject, payload }: { readonly subject: string; readonly payload: string },
  { timeoutMs, againAfterMs }: { readonly timeoutMs: number; readonly againAfterMs: number },
): Promise<Msg> {
  const { nats } = connection;
  await connection.up(timeoutMs);
  const inbox = createInbox();
  const answer = Promise.withResolvers<Msg>();
  const subscription = nats.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) answer.reject(error);
      else if (isNobodyThere(message)) answer.reject(new NoRespondersError(subject));
      else answer.resolve(message);
    },
  });
  const send = () => {
    if (!nats.isClosed()) nats.publish(subject, payload, { reply: inbox });
  };
  const again = setInterval(send, againAfterMs);
  const late = setTimeout(() => answer.reject(new TimeoutError()), timeoutMs);
  try {
    send();
    return await answer.promise;
  } finally {
    clearInterval(again);
    clearTimeout(late);
    if (!nats.isClosed()) subscription.unsubscribe();
  }
}

/** What the server answers when nobody listens (ADR-22). */
function isNobodyThere({ data, headers }: Msg): boolean {
  return data.length === 0 && headers?.code === 503;
}
