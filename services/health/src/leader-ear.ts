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
import { heartbeatWildcard } from "@weft/schemas";
import { nextDeadlineMs, passedDeadlines } from "./deadlines.ts";
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

/** Who is awake for a beat looks then, if the last look is this old: while everybody's beats come in, no timer wakes this process. */
const lookAgainMs = 50;
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
    const heartbeats = collectHeartbeats(o.policy.detectionMs);
    const { beats, reports } = heartbeats;
    const now: Heard = { beats, reports, listeningSinceMs: o.clock.now() };
    const stack = new DisposableStack();
    stack.defer(heartbeats.changed.subscribe(() => changed.emit()));
    const watch = stack.use(watchDeadlines(now, o, () => changed.emit()));
    stack.use(
      o.bus.subscribe(heartbeatWildcard, (data, subject) => {
        take(heartbeats, data, { ...o, subject });
        watch.woken();
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
  data: unknown,
  { clock, log, subject }: { readonly clock: Clock; readonly log: Log; readonly subject: string },
): void {
  const now = clock.now();
  if (!heartbeats.take(data, now)) log.warn({ subject }, "this is no heartbeat: left out");
  heartbeats.forgetBefore(now - keepReportsMs);
}

function watchDeadlines(
  heard: Heard,
  { policy, clock }: { readonly policy: VerdictPolicy; readonly clock: Clock },
  passed: () => void,
): Disposable & { woken(): void } {
  let before = "";
  let lookedAtMs = clock.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    const nextMs = nextDeadlineMs(heard, policy, lookedAtMs);
    timer = nextMs === undefined ? undefined : setTimeout(look, nextMs - lookedAtMs);
  };
  const look = () => {
    lookedAtMs = clock.now();
    arm();
    const now = passedDeadlines(heard, policy, lookedAtMs);
    if (now === before) return;
    before = now;
    passed();
  };
  arm();
  return {
    woken: () => {
      if (Math.abs(clock.now() - lookedAtMs) >= lookAgainMs) look();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
