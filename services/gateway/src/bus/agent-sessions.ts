/**
 * Sessions with agents over NATS: one subject up, one down, a window of unacknowledged frames each way.
 * Frames and their headers are described in schemas, api/session.ts. Reads and writes no record.
 */
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { headers } from "@nats-io/transport-node";
import type { Bus } from "@weft/bus";
import type { SessionRequest, SessionStreamName } from "@weft/schemas";
import {
  Refusal,
  SessionExit,
  WeftError,
  sessionFrameBytes,
  sessionStream,
  sessionStreamHeader,
  sessionSubject,
  sessionWindow,
} from "@weft/schemas";
import { z } from "zod";
import { RelayedRefusal } from "../edge/relayed-refusal.ts";
import type { AgentSession, SessionListener, SessionsPort } from "../ports.ts";

const Reply = z.discriminatedUnion("accepted", [
  z.looseObject({ accepted: z.literal(true) }),
  Refusal.extend({ accepted: z.literal(false) }),
]);
const Failure = z.object({ message: z.string() });
const openMs = 10_000;
const nothing = new Uint8Array();
const busLost = "the bus was lost meanwhile, and what was on its way with it";

export function agentSessions(bus: Bus): SessionsPort {
  return {
    open: async (node, request, listener) => {
      const session = new Session(bus, request, listener);
      try {
        const reply = await bus.request(sessionSubject(node), request, { timeoutMs: openMs });
        checkReply(reply, node);
      } catch (error) {
        session.drop();
        throw error;
      }
      session.begin();
      return session;
    },
  };
}

function checkReply(reply: unknown, node: string): void {
  const parsed = Reply.safeParse(reply);
  if (!parsed.success)
    throw new WeftError("internal", `The agent of ${node} answered with what is no answer.`, {
      concerns: node,
    });
  if (parsed.data.accepted) return;
  const { accepted: _, ...refusal } = parsed.data;
  throw new RelayedRefusal(refusal);
}

class Session implements AgentSession {
  readonly #connection: NatsConnection;
  readonly #up: string;
  readonly #listener: SessionListener;
  readonly #down: Subscription;
  readonly #unfollow: () => void;
  /** Frames that came before the agent's acceptance did. */
  #held: Msg[] | undefined = [];
  #received = 0;
  #sent = 0;
  #acknowledged = 0;
  readonly #unsent: Uint8Array[] = [];
  #inputOver = false;

  constructor({ connection, reconnected }: Bus, { id }: SessionRequest, listener: SessionListener) {
    this.#connection = connection;
    this.#unfollow = reconnected.subscribe(() => {
      this.#send("close", nothing);
      this.#end({ fault: busLost });
    });
    this.#up = sessionStream(id, "up");
    this.#listener = listener;
    this.#down = connection.subscribe(sessionStream(id, "down"), {
      callback: (error, message) => {
        if (error !== null) this.#end({ fault: error.message });
        else if (this.#held !== undefined) this.#held.push(message);
        else this.#frame(message);
      },
    });
  }

  begin(): void {
    // After the caller has the session in hand; what comes until then queues behind.
    setImmediate(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const message of held) this.#frame(message);
    });
  }

  drop(): void {
    this.#unfollow();
    this.#down.unsubscribe();
  }

  write(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += sessionFrameBytes)
      this.#unsent.push(bytes.subarray(at, at + sessionFrameBytes));
    return this.#flush();
  }

  endInput(): void {
    this.#inputOver = true;
    this.#flush();
  }

  resize(columns: number, rows: number): void {
    this.#send("resize", Buffer.from(JSON.stringify({ columns, rows })));
  }

  close(): void {
    this.#send("close", nothing);
    this.drop();
  }

  /** True when nothing waits. */
  #flush(): boolean {
    while (this.#sent - this.#acknowledged < sessionWindow) {
      const next = this.#unsent.shift();
      if (next === undefined) break;
      this.#sent += 1;
      this.#send("stdin", next);
    }
    if (this.#unsent.length > 0) return false;
    if (this.#inputOver) {
      this.#inputOver = false;
      this.#send("eof", nothing);
    }
    return this.#sent - this.#acknowledged < sessionWindow;
  }

  #frame(message: Msg): void {
    const stream = message.headers?.get(sessionStreamHeader);
    switch (stream) {
      case "stdout":
      case "stderr":
        return this.#listener.data(stream, message.data, () => this.#taken());
      case "ack":
        this.#acknowledged = Math.max(this.#acknowledged, Number(message.string()));
        if (this.#flush()) this.#listener.room();
        return;
      case "exit":
        return this.#end(SessionExit.safeParse(jsonOf(message)).data ?? { fault: "its end is not readable" });
      case "error":
        return this.#end({
          fault: Failure.safeParse(jsonOf(message)).data?.message ?? "the agent gave no reason",
        });
      case undefined:
      default: // a frame of a later version
    }
  }

  #taken(): void {
    this.#received += 1;
    if (!this.#down.isClosed()) this.#send("ack", Buffer.from(String(this.#received)));
  }

  #end(end: Parameters<SessionListener["ended"]>[0]): void {
    this.drop();
    this.#listener.ended(end);
  }

  #send(stream: SessionStreamName, payload: Uint8Array): void {
    const named = headers();
    named.set(sessionStreamHeader, stream);
    this.#connection.publish(this.#up, payload, { headers: named });
  }
}

function jsonOf(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
