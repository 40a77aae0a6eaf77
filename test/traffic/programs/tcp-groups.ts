/** Groups of TCP connections: those that stay, and those that come and go all the time. */
import { Pacer } from "./pacer.ts";
import type { GroupReport, OpenOrder } from "./orders.ts";
import { Tally } from "./tally.ts";
import { TcpTalker } from "./tcp-talker.ts";
import type { Talk } from "./tcp-talker.ts";

const defaultStallMs = 10_000;
const opensAtOnce = 40;
const messagesOfAShortOne = 3;

/** What an endpoint can do with any group of flows. */
export interface Group {
  open(): Promise<void>;
  speak(answerBytes?: number): Promise<void>;
  enter(window: number): void;
  quiet(): void;
  report(): GroupReport;
  close(): void;
}

export function talkOf({ from, to, bytes, answerBytes, stallMs }: OpenOrder, index: number): Talk {
  const target = to[index % to.length];
  if (target === undefined) throw new RangeError("the order names nobody to talk to");
  return {
    from: from[index % from.length] ?? "0.0.0.0",
    to: target,
    bytes,
    answerBytes: answerBytes ?? bytes,
    stallMs: stallMs ?? defaultStallMs,
  };
}

/** Connections that are opened once and stay. */
export class TcpGroup implements Group {
  readonly #order: OpenOrder;
  readonly #tally = new Tally();
  readonly #talkers: readonly TcpTalker[];
  #pacer: Pacer | undefined;

  constructor(order: OpenOrder, firstFlow: number) {
    this.#order = order;
    this.#talkers = Array.from(
      { length: order.count },
      (_, index) => new TcpTalker(talkOf(order, index), firstFlow + index, this.#tally),
    );
  }

  /** Each has had an answer to its first message when this resolves. */
  async open(): Promise<void> {
    const waiting = [...this.#talkers];
    const openSome = async () => {
      for (let talker = waiting.pop(); talker !== undefined; talker = waiting.pop())
        if (await talker.open()) await talker.speak();
    };
    await Promise.all(Array.from({ length: opensAtOnce }, openSome));
    const { everyMs, count } = this.#order;
    if (everyMs > 0)
      this.#pacer = new Pacer({ everyMs, flows: count }, (flow) => void this.#talkers[flow]?.speak());
  }

  async speak(answerBytes?: number): Promise<void> {
    await Promise.all(this.#talkers.map((talker) => talker.speak(answerBytes)));
  }

  enter(window: number): void {
    this.#tally.window = window;
  }

  quiet(): void {
    this.#pacer?.stop();
  }

  report(): GroupReport {
    return this.#tally.report(this.#order.group, "tcp");
  }

  close(): void {
    this.quiet();
    for (const talker of this.#talkers) talker.close();
  }
}

/** `count` connections at any time: each says a few messages, closes, and another one follows it. */
export class ChurnGroup implements Group {
  readonly #order: OpenOrder;
  readonly #tally = new Tally();
  #flow: number;
  /** Aborted once no more shall follow. */
  readonly #going = new AbortController();
  #line: Promise<unknown> = Promise.resolve();

  constructor(order: OpenOrder, firstFlow: number) {
    this.#order = order;
    this.#flow = firstFlow;
  }

  open(): Promise<void> {
    const one = async (index: number) => {
      for (let nth = index; !this.#going.signal.aborted; nth += this.#order.count) await this.#oneShort(nth);
    };
    this.#line = Promise.all(Array.from({ length: this.#order.count }, (_, index) => one(index)));
    return Promise.resolve();
  }

  /** They speak by themselves: resolves when those that are open now are done. */
  async speak(): Promise<void> {
    this.quiet();
    await this.#line;
  }

  enter(window: number): void {
    this.#tally.window = window;
  }

  quiet(): void {
    this.#going.abort();
  }

  report(): GroupReport {
    return this.#tally.report(this.#order.group, "churn");
  }

  close(): void {
    this.quiet();
  }

  async #oneShort(nth: number): Promise<void> {
    this.#flow += 1;
    const talker = new TcpTalker(talkOf(this.#order, nth), this.#flow, this.#tally);
    if (await talker.open())
      for (let message = 0; message < messagesOfAShortOne && talker.alive; message += 1) {
        await talker.speak();
        await new Promise((resolve) => setTimeout(resolve, this.#order.everyMs));
      }
    talker.close();
  }
}
