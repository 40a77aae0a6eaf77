/** Requests to the intent service. No answer, or one that makes no sense, is told as such. */
import type { Bus } from "@weft/bus";
import type { IntentReply as Reply } from "@weft/schemas";
import { IntentReply, WeftError, applySubject, deleteSubject } from "@weft/schemas";
import type { IntentPort } from "../ports.ts";

/** Admission may run `nft -c` once for each changed group. */
const timeoutMs = 30_000;
/**
 * A copy that hangs is out of its queue after two seconds, and takes nothing that it was sent: the second sending goes to the other
 * one. Where two work on it, the first to write answers first, also for a request that names a revision.
 */
const againAfterMs = 2_500;

export function intentRequests(bus: Bus): IntentPort {
  const ask = async (subject: string, payload: unknown): Promise<Reply> => {
    const answer = await bus.request(subject, payload, { timeoutMs, againAfterMs });
    const parsed = IntentReply.safeParse(answer);
    if (!parsed.success)
      throw new WeftError("internal", "The intent service answered with what is no answer.", {
        concerns: "intent",
        cause: parsed.error,
      });
    return parsed.data;
  };
  return {
    apply: (request) => ask(applySubject, request),
    remove: (request) => ask(deleteSubject, request),
  };
}
