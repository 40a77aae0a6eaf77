/**
 * Stands in for an agent's side of sessions, so that a test can say what comes when: a slow one, a full window, an error.
 * Speaks frames as schemas/src/api/session.ts has them.
 */
import type { Msg } from "@nats-io/transport-node";
import { headers } from "@nats-io/transport-node";
import type { Bus } from "@weft/bus";
import type { SessionStreamName } from "@weft/schemas";
import { SessionRequest, sessionStream, sessionStreamHeader, sessionSubject } from "@weft/schemas";

export interface FakeSession {
  readonly request: SessionRequest;
  readonly send: (stream: SessionStreamName, payload: Uint8Array | string) => void;
}

export interface FakeFrame {
  readonly stream: string;
  readonly data: Uint8Array;
}

/** `opened` and `frame` are called as the gateway opens a session and sends on it. Throwing in `opened` refuses it. */
export function fakeAgent(
  bus: Bus,
  node: string,
  on: { opened(session: FakeSession): void; frame(session: FakeSession, frame: FakeFrame): void },
): Disposable {
  const { connection } = bus;
  return bus.respond(sessionSubject(node), async (data) => {
    const request = SessionRequest.parse(data);
    const session: FakeSession = {
      request,
      send: (stream, payload) => {
        const named = headers();
        named.set(sessionStreamHeader, stream);
        connection.publish(sessionStream(request.id, "down"), payload, { headers: named });
      },
    };
    connection.subscribe(sessionStream(request.id, "up"), {
      callback: (_error, message: Msg) =>
        on.frame(session, {
          stream: message.headers?.get(sessionStreamHeader) ?? "",
          data: message.data,
        }),
    });
    on.opened(session);
    return { accepted: true };
  });
}
