/** The other end of a session, by hand: what a gateway does, and what a bad one might. */
import { headers } from "@nats-io/transport-node";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import {
  sessionFrameBytes,
  sessionStream,
  sessionStreamHeader,
  sessionSubject,
  sessionWindow,
} from "@weft/schemas";
import type { SessionStreamName } from "@weft/schemas";
import { eventually } from "@weft/testkit";

export class SessionClient {
  readonly id = `test-${crypto.randomUUID()}`;
  readonly #connection: NatsConnection;
  readonly #subscription;
  readonly output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  end: unknown;
  received = 0;
  /** False: what comes is not acknowledged. */
  reading = true;
  #acknowledged = 0;
  #sent = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#subscription = connection.subscribe(sessionStream(this.id, "down"), {
      callback: (_, message) => this.#frame(message),
    });
  }

  async open(node: string, request: object): Promise<unknown> {
    const payload = JSON.stringify({
      id: this.id,
      op: "exec",
      kind: "workload",
      tenant: "demo",
      name: "w",
      ...request,
    });
    const reply = await this.#connection.request(sessionSubject(node), payload, { timeout: 5_000 });
    return reply.json();
  }

  async write(data: Buffer): Promise<void> {
    for (let at = 0; at < data.length; at += sessionFrameBytes) {
      await eventually("room in the window", () => this.#sent - this.#acknowledged < sessionWindow);
      this.#sent += 1;
      this.send("stdin", data.subarray(at, at + sessionFrameBytes));
    }
  }

  send(stream: SessionStreamName, data: Uint8Array | string = ""): void {
    const made = headers();
    made.set(sessionStreamHeader, stream);
    this.#connection.publish(sessionStream(this.id, "up"), data, { headers: made });
  }

  text(stream: "stdout" | "stderr"): string {
    return Buffer.concat(this.output[stream]).toString();
  }

  /** Hears no more, and says nothing of it. */
  vanish(): void {
    this.#subscription.unsubscribe();
  }

  acknowledge(): void {
    this.send("ack", String(this.received));
  }

  #frame(message: Msg): void {
    const stream = message.headers?.get(sessionStreamHeader);
    if (stream === "ack") this.#acknowledged = Number(message.string());
    else if (stream === "exit" || stream === "error") this.end = message.json();
    else if (stream === "stdout" || stream === "stderr") {
      this.received += 1;
      this.output[stream].push(Buffer.from(message.data));
      if (this.reading) this.acknowledge();
    }
  }
}
