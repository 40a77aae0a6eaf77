/** Groups of UDP flows, one socket each: asked and answered, pushed by the other side, or refused by an ICMP error. */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { Numbers } from "./datagrams.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import type { Frame, FrameKind } from "./frame.ts";
import type { GroupReport, OpenOrder } from "./orders.ts";
import { Pacer } from "./pacer.ts";
import { Tally } from "./tally.ts";
import type { Group } from "./tcp-groups.ts";
import { talkOf } from "./tcp-groups.ts";
import type { Talk } from "./tcp-talker.ts";

const openingTries = 20;
const againAfterMs = 500;
/** What is sent to open a flow counts in no window of the test's. */
const openingWindow = 0;

class DatagramFlow {
  readonly socket: Socket;
  readonly numbers = new Numbers();
  readonly talk: Talk;
  readonly id: number;
  sequence = 0;
  heardAt: number | undefined;

  constructor(talk: Talk, id: number) {
    this.talk = talk;
    this.id = id;
    this.socket = createSocket(isIPv6(talk.from) ? "udp6" : "udp4");
  }

  async connect(): Promise<void> {
    const { from, to } = this.talk;
    await new Promise<void>((resolve) => this.socket.bind({ address: from }, resolve));
    await new Promise<void>((resolve) => this.socket.connect(to.port, to.host, resolve));
  }

  send(kind: FrameKind, window: number, everyMs = 0): void {
    this.sequence += 1;
    const { bytes, answerBytes } = this.talk;
    const frame = { kind, window, flow: this.id, sequence: this.sequence, answerBytes, everyMs };
    this.socket.send(encodeFrame(frame, bytes), () => undefined);
  }
}

export class DatagramGroup implements Group {
  readonly #order: OpenOrder;
  readonly #tally = new Tally();
  readonly #flows: readonly DatagramFlow[];
  #pacer: Pacer | undefined;

  constructor(order: OpenOrder, firstFlow: number) {
    this.#order = order;
    this.#flows = Array.from(
      { length: order.count },
      (_, index) => new DatagramFlow(talkOf(order, index), firstFlow + index),
    );
  }

  /** Each flow has heard of the other side when this resolves. */
  async open(): Promise<void> {
    await Promise.all(this.#flows.map((flow) => this.#openOne(flow)));
    const { everyMs, count, kind } = this.#order;
    if (kind !== "push" && everyMs > 0)
      this.#pacer = new Pacer({ everyMs, flows: count }, (index) => this.#ask(this.#flows[index]));
  }

  speak(): Promise<void> {
    for (const flow of this.#flows) this.#ask(flow);
    return Promise.resolve();
  }

  enter(window: number): void {
    this.#tally.window = window;
  }

  quiet(): void {
    this.#pacer?.stop();
    if (this.#order.kind === "push")
      for (const flow of this.#flows) flow.send("unsubscribe", this.#tally.window);
  }

  report(): GroupReport {
    const { kind, group, everyMs } = this.#order;
    const runs = this.#flows.flatMap(({ numbers, sequence }) =>
      numbers.lostRuns(kind === "udp" ? sequence : undefined),
    );
    return this.#tally.report(
      group,
      kind,
      runs.map((run) => run * everyMs),
    );
  }

  close(): void {
    this.quiet();
    for (const { socket } of this.#flows) socket.close();
  }

  async #openOne(flow: DatagramFlow): Promise<void> {
    await flow.connect();
    const { promise: heard, resolve } = Promise.withResolvers<true>();
    flow.socket.on("message", (message) => {
      if (this.#take(flow, message)) resolve(true);
    });
    flow.socket.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#order.kind !== "refused") this.#tally.broke(error.code ?? error.message, flow.talk.from);
      else this.#tally.receivedOne();
      if (this.#order.kind === "refused") resolve(true);
    });
    const kind = this.#order.kind === "push" ? "subscribe" : "ask";
    for (let tries = 0; tries < openingTries; tries += 1) {
      flow.send(kind, openingWindow, this.#order.everyMs);
      const late = new Promise<false>((tell) => setTimeout(tell, againAfterMs, false));
      if (await Promise.race([heard, late])) {
        this.#tally.opened += 1;
        return;
      }
    }
    this.#tally.failedToOpen("no answer", flow.talk.from);
  }

  #ask(flow: DatagramFlow | undefined): void {
    flow?.send("ask", this.#tally.window);
    this.#tally.sentOne();
  }

  /** True when it is one of this flow. */
  #take(flow: DatagramFlow, message: Buffer): boolean {
    const frame = decodeFrame(message);
    const wanted: FrameKind = this.#order.kind === "push" ? "push" : "answer";
    if (frame?.kind !== wanted || frame.flow !== flow.id) {
      this.#tally.wrong += 1;
      return false;
    }
    this.#note(flow, frame);
    return true;
  }

  #note(flow: DatagramFlow, { sequence, window }: Frame): void {
    const now = performance.now();
    if (flow.heardAt !== undefined) this.#tally.gap(now - flow.heardAt);
    flow.heardAt = now;
    flow.numbers.take(sequence, window, this.#tally);
  }
}
