/**
 * The leader's ear: hears heartbeats for as long as this copy leads, and begins from nothing each time. A standby hears none:
 * beats are the most frequent message on the bus. Whoever takes over gives everybody the time to be heard.
 * Tells "look again" when a heartbeat says something new, and when time alone has made something true.
 */
import type { Bus } from "@weft/bus";
import type { Leadership } from "@weft/consul";
import type { NodeBeat, SeenReport, VerdictPolicy } from "@weft/decide";
import type { Clock, Log, Signal } from "@weft/runtime";
import { createEmitter } from "@weft/runtime";
import { heartbeatNewsWildcard, heartbeatWildcard } from "@weft/schemas";
import { watchDeadlines } from "./deadline-watch.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { collectHeartbeats } from "./heartbeats.ts";

export interface Heard {
  readonly beats: ReadonlyMap<string, NodeBeat>;
  /** By the placement's uid. */
  readonly reports: ReadonlyMap<string, SeenReport>;
  readonly listeningSinceMs: number;
}

export interface LeaderEar extends Disposable {
  readonly changed: Signal;
  /** undefined while this copy does not lead. */
  heard(): Heard | undefined;
}

/**
 * Beats are taken as often as they are sent, and so much later that those of all nodes have come: one wake-up for all. Those that are
 * taken together have the same age: with less time for them, two nodes that fell silent together did so apart on a busy machine.
 */
const takeEveryMs = 100;
const takeLateMs = 30;
/** What was said of shards that nobody names any more. */
const keepReportsMs = 60_000;

export function listenWhileLeading(o: {
  readonly bus: Bus;
  readonly leadership: Leadership;
  readonly policy: VerdictPolicy;
  readonly clock: Clock;
  readonly log: Log;
}): LeaderEar {
  const changed = createEmitter();
  let open: DisposableStack | undefined;
  let heard: Heard | undefined;
  const stop = () => {
    open?.dispose();
    [open, heard] = [undefined, undefined];
  };
  const start = () => {
    const heartbeats = collectHeartbeats(o.policy);
    const { beats, reports } = heartbeats;
    const now: Heard = { beats, reports, listeningSinceMs: o.clock.now() };
    const stack = new DisposableStack();
    stack.defer(heartbeats.changed.subscribe(() => changed.emit()));
    const watch = stack.use(watchDeadlines(now, o, () => changed.emit()));
    const hear = (text: string, subject: string) => take(heartbeats, text, { ...o, subject });
    const times = { everyMs: takeEveryMs, lateMs: takeLateMs };
    const taken = () => {
      heartbeats.forgetBefore(o.clock.now() - keepReportsMs);
      watch.look();
    };
    stack.use(o.bus.hear(heartbeatWildcard, { ...times, heard: hear, taken }));
    stack.use(
      o.bus.subscribe(heartbeatNewsWildcard, (data, subject) => {
        hear(JSON.stringify(data), subject);
        watch.look();
      }),
    );
    [open, heard] = [stack, now];
  };
  const follow = () => {
    const leads = o.leadership.leads();
    if (leads === (open !== undefined)) return;
    if (leads) start();
    else stop();
    changed.emit();
  };
  const unsubscribe = o.leadership.changed.subscribe(follow);
  follow();
  return {
    changed,
    heard: () => heard,
    [Symbol.dispose]: () => {
      unsubscribe();
      stop();
    },
  };
}

function take(
  heartbeats: Heartbeats,
  text: string,
  { clock, log, subject }: { readonly clock: Clock; readonly log: Log; readonly subject: string },
): void {
  if (!heartbeats.take(text, clock.now())) log.warn({ subject }, "this is no heartbeat: left out");
}
