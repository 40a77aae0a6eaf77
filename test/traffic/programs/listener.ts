/**
 * The side that is asked, on one port for TCP and UDP: answers each message in its own number, pushes datagrams to whoever
 * subscribes, and counts what it saw. It answers only what is right to the byte and in order.
 */
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, isIPv6 } from "node:net";
import type { Socket } from "node:net";
import { FrameReader, decodeFrame, encodeFrame } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { GroupReport } from "./orders.ts";
import { Tally } from "./tally.ts";

interface Push {
  readonly frame: Frame;
  readonly peer: RemoteInfo;
  sequence: number;
  nextAt: number;
}

const pushTickMs = 5;

export class Listener {
  /** Of connections; a datagram that is wrong counts here too. */
  readonly #asked = new Tally();
  readonly #pushed = new Tally();
  readonly #pushes = new Map<string, Push>();
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  #datagrams: DatagramSocket | undefined;
  #stop: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async open(address: string): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
    server.listen({ host: address, port: this.#port, backlog: 4_096 });
    const datagrams = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", recvBufferSize: 4 << 20 });
    datagrams.on("message", (message, peer) => this.#takeDatagram(message, peer));
    // An ICMP error about an answer: whoever asked is gone.
    datagrams.on("error", () => undefined);
    datagrams.bind({ address, port: this.#port });
    this.#datagrams = datagrams;
    await Promise.all([once(server, "listening"), once(datagrams, "listening")]);
    const timer = setInterval(() => this.#pushDue(), pushTickMs);
    this.#stop = () => {
      clearInterval(timer);
      server.close();
      datagrams.close();
    };
  }

  enter(window: number): void {
    this.#asked.window = window;
    this.#pushed.window = window;
  }

  reports(): GroupReport[] {
    return [this.#asked.report("asked", "served"), this.#pushed.report("pushed", "served")];
  }

  close(): void {
    this.#stop();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#asked.opened += 1;
    this.#sockets.add(socket);
    const from = socket.remoteAddress ?? "";
    const reader = new FrameReader();
    let sequence = 0;
    socket.on("data", (chunk: Buffer) => {
      for (const frame of reader.take(chunk)) {
        sequence += 1;
        if (frame === "wrong" || frame.sequence !== sequence || frame.kind !== "ask") {
          this.#asked.wrong += 1;
          socket.destroy();
          return;
        }
        this.#asked.receivedOne(frame.window);
        socket.write(encodeFrame({ ...frame, kind: "answer" }, frame.answerBytes));
      }
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      this.#asked.broke(error.code ?? error.message, from),
    );
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #takeDatagram(message: Buffer, peer: RemoteInfo): void {
    const frame = decodeFrame(message);
    if (frame === undefined) {
      this.#asked.wrong += 1;
      return;
    }
    const key = `${peer.address} ${peer.port}`;
    if (frame.kind === "unsubscribe") this.#pushes.delete(key);
    else if (frame.kind === "subscribe") {
      if (!this.#pushes.has(key))
        this.#pushes.set(key, { frame, peer, sequence: 0, nextAt: performance.now() });
    } else this.#send({ ...frame, kind: "answer" }, peer);
  }

  #pushDue(): void {
    const now = performance.now();
    for (const push of this.#pushes.values()) {
      if (push.nextAt > now) continue;
      push.nextAt += push.frame.everyMs;
      push.sequence += 1;
      const { window } = this.#pushed;
      this.#pushed.sentOne();
      this.#send({ ...push.frame, kind: "push", window, sequence: push.sequence }, push.peer);
    }
  }

  #send(frame: Frame, peer: RemoteInfo): void {
    this.#datagrams?.send(encodeFrame(frame, frame.answerBytes), peer.port, peer.address, () => undefined);
  }
}
