/** Requests about nodes to the intent service, which alone writes weft_access. A refusal is handed on word for word. */
import type { Bus } from "@weft/bus";
import {
  JoinReply,
  Refused as RefusedReply,
  RemoveNodeReply,
  TokenReply,
  WeftError,
  nodeJoinSubject,
  nodeRemoveSubject,
  nodeTokenSubject,
} from "@weft/schemas";
import type { z } from "zod";
import { RelayedRefusal } from "../edge/relayed-refusal.ts";
import type { AccessPort } from "../ports.ts";

const timeoutMs = 10_000;

type Refused = z.infer<typeof RefusedReply>;

interface Granted {
  readonly accepted: true;
}

export function accessPort(bus: Bus): AccessPort {
  const ask = async <R extends Granted | Refused>(
    subject: string,
    schema: z.ZodType<R>,
    payload: unknown,
  ): Promise<Exclude<R, Refused>> => {
    const parsed = schema.safeParse(await bus.request(subject, payload, { timeoutMs }));
    if (!parsed.success)
      throw new WeftError("internal", "The intent service answered with what is no answer.", {
        concerns: "intent",
        cause: parsed.error,
      });
    const reply = parsed.data;
    if (isGranted(reply)) return reply;
    throw relayed(reply);
  };
  return {
    token: (request) => ask(nodeTokenSubject, TokenReply, request),
    join: (request) => ask(nodeJoinSubject, JoinReply, request),
    remove: (request) => ask(nodeRemoveSubject, RemoveNodeReply, request),
  };
}

function isGranted<R extends Granted | Refused>(reply: R): reply is Exclude<R, Refused> {
  return reply.accepted;
}

function relayed(reply: Granted | Refused): RelayedRefusal {
  const { accepted: _, ...refusal } = RefusedReply.parse(reply);
  return new RelayedRefusal(refusal);
}
