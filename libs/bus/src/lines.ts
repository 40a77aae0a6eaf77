/**
 * Lines for what is said many times a second. Where the server wants credentials or TLS, the bus's own connection carries it;
 * else a line by hand (nats-line.ts) does, at a third of the cost. Both are dropped when the bus finds its peer gone or its process to have stood still.
 */
import type { Log } from "@weft/runtime";
import { everyTick } from "@weft/runtime";
import type { Connection } from "./connection.ts";
import { NatsLine } from "./nats-line.ts";

export interface Line extends Disposable {
  /** Lost without a connection. */
  publish(subject: string, text: string): void;
}

export interface HearOptions {
  /** What came is taken this often, `lateMs` after whole multiples of it on the clock. */
  readonly everyMs: number;
  readonly lateMs: number;
  /** Of each message its text, as it came. */
  heard(text: string, subject: string): void;
  /** After all that had come was heard, if something had. */
  taken(): void;
}

export interface LinePorts {
  readonly connection: Connection;
  readonly url: string;
  readonly name: string;
  readonly log: Log;
}

export function openLine({ connection, ...o }: LinePorts): Line {
  const { nats } = connection;
  if (wantsMore(connection))
    return {
      publish: (subject, text) => void (nats.isClosed() || nats.publish(subject, text)),
      [Symbol.dispose]: () => undefined,
    };
  const line = new NatsLine(o);
  const unfollow = connection.lost.subscribe(() => line.renew());
  return {
    publish: (subject, text) => line.publish(subject, text),
    [Symbol.dispose]: () => {
      unfollow();
      line[Symbol.dispose]();
    },
  };
}

export function hear({ connection, ...o }: LinePorts, subject: string, listener: HearOptions): Disposable {
  const open = new DisposableStack();
  const heard = (text: string, from: string) => {
    if (connection.awake()) listener.heard(text, from);
  };
  let take: () => void;
  if (wantsMore(connection)) {
    let has = false;
    const subscription = connection.nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        has = true;
        heard(message.string(), message.subject);
      },
    });
    open.defer(() => void (connection.nats.isClosed() || subscription.unsubscribe()));
    take = () => {
      if (has) listener.taken();
      has = false;
    };
  } else {
    const taken = () => listener.taken();
    const line = open.use(new NatsLine({ ...o, hear: { subject, heard, taken } }));
    open.defer(connection.lost.subscribe(() => line.renew()));
    take = () => line.look();
  }
  open.use(everyTick(listener.everyMs, take, listener.lateMs));
  return open;
}

function wantsMore({ nats: { info } }: Connection): boolean {
  return info?.auth_required === true || info?.tls_required === true;
}
