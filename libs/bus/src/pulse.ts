/**
 * The connection's pulse, on the second that the whole process shares: something is sent where nothing else was, since a server
 * asks whoever it has not heard for a while whether he is there, which wakes him once more; and every five seconds it is seen to
 * that the server was heard, at the same moment. NATS' own timers for that would be two more wake-ups that nothing else falls on.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import type { Log } from "@weft/runtime";
import { everyTick } from "@weft/runtime";
import { awakeSubject } from "@weft/schemas";

const everyMs = 1_000;
/**
 * A peer of whom nothing was heard for so many is asked, and given up when nothing was heard the next time either: after 10 to 15 s. The
 * answer to stream-losses.ts' question is heard each time, so a peer that is there is hardly ever asked.
 */
const lookEvery = 5;
const unansweredAtMost = 1;

export function keepPulse(
  nats: NatsConnection,
  { connected, log }: { readonly connected: () => boolean; readonly log: Log },
): Disposable {
  let [beats, unanswered, sentBefore, heardBefore] = [0, 0, 0, 0];
  const answered = () => (unanswered = 0);
  const look = () => {
    const { inMsgs: heard } = nats.stats();
    if (heard !== heardBefore) {
      [heardBefore, unanswered] = [heard, 0];
      return;
    }
    if (unanswered < unansweredAtMost) {
      unanswered += 1;
      nats.flush().then(answered, answered);
      return;
    }
    unanswered = 0;
    log.warn("the bus does not answer: connecting again");
    nats.reconnect().catch((err: unknown) => log.warn({ err }, "the connection could not be dropped"));
  };
  return everyTick(everyMs, () => {
    if (!connected() || nats.isClosed()) return;
    beats += 1;
    if (beats % lookEvery === 0) look();
    if (nats.stats().outMsgs === sentBefore) nats.publish(awakeSubject);
    sentBefore = nats.stats().outMsgs;
  });
}
