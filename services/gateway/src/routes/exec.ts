/**
 * Shells: a WebSocket on one side, a session with the agent that owns the thing on the other.
 * Neither side is read faster than the other takes: unread input pauses the socket, unsent output holds back acknowledgement.
 */
import { randomUUID } from "node:crypto";
import type { WebSocket } from "@fastify/websocket";
import type { SessionControl } from "@weft/schemas";
import { SessionControl as ControlSchema, SessionOpen, WeftError, socketStreams } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import { readName } from "../edge/query.ts";
import type { AgentSession, GatewayPorts, SessionListener } from "../ports.ts";
import type { SessionKind } from "./session-target.ts";
import { ownerOf, whenAgentGoes } from "./session-target.ts";

export function addExecRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  for (const kind of ["workload", "shard"] as const)
    app.route({
      method: "GET",
      url: `/v1/tenants/:tenant/${kind}s/:name/exec`,
      // What is not there is refused before the upgrade, as any other request.
      preValidation: async (request) => {
        ownerOf(ports.records.world(), kind, readName(request, "tenant"), readName(request, "name"));
      },
      handler: async () => {
        throw new WeftError("invalid-request", "A shell needs a WebSocket: ask for the upgrade.");
      },
      wsHandler: (socket, request) =>
        void new Shell(socket, ports, {
          kind,
          tenant: readName(request, "tenant"),
          name: readName(request, "name"),
        }),
    });
}

interface ShellTarget {
  readonly kind: SessionKind;
  readonly tenant: string;
  readonly name: string;
}

class Shell {
  readonly #socket: WebSocket;
  readonly #ports: GatewayPorts;
  readonly #target: ShellTarget;
  #session: AgentSession | undefined;
  #opened = false;
  #over = false;
  #inputOver = false;
  /** What came before the agent accepted, or while its window was full. */
  readonly #waiting: { readonly bytes: Uint8Array }[] = [];
  #blocked = true;
  #size: { readonly columns: number; readonly rows: number } | undefined;
  #stopWatching = () => {};

  constructor(socket: WebSocket, ports: GatewayPorts, target: ShellTarget) {
    this.#socket = socket;
    this.#ports = ports;
    this.#target = target;
    socket.on("message", (data, isBinary) => this.#message(bytesOf(data), isBinary));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#gone());
  }

  #message(bytes: Buffer, isBinary: boolean): void {
    if (this.#over) return;
    try {
      if (!this.#opened) void this.#open(bytes, isBinary);
      else if (isBinary) this.#input(bytes);
      else this.#control(ControlSchema.parse(JSON.parse(bytes.toString())));
    } catch {
      this.#fail("that message is none of a session's");
    }
  }

  async #open(bytes: Buffer, isBinary: boolean): Promise<void> {
    this.#opened = true;
    try {
      if (isBinary)
        throw new WeftError("invalid-request", "The first message must say what to run, as JSON.");
      const opened = SessionOpen.parse(JSON.parse(bytes.toString()));
      const { kind, tenant, name } = this.#target;
      const { records, sessions } = this.#ports;
      const owner = ownerOf(records.world(), kind, tenant, name);
      const request = { id: randomUUID(), op: "exec" as const, ...this.#target, ...opened, follow: false };
      const session = await sessions.open(owner.node, request, this.#listener());
      if (this.#over) return session.close();
      this.#session = session;
      // A terminal tells its size at once, which is before the agent has accepted.
      if (this.#size !== undefined) session.resize(this.#size.columns, this.#size.rows);
      // A dead agent says nothing; the records do.
      this.#stopWatching = whenAgentGoes({ records, owner }, (why) => this.#fail(why));
      this.#pass();
    } catch (error) {
      this.#fail(error instanceof WeftError ? error.message : "the first message does not say what to run");
    }
  }

  #listener(): SessionListener {
    return {
      data: (stream, bytes, taken) => {
        const message = Buffer.allocUnsafe(bytes.length + 1);
        message[0] = socketStreams[stream];
        message.set(bytes, 1);
        this.#socket.send(message, () => taken());
      },
      ended: (end) => {
        if ("code" in end) this.#end({ type: "exit", code: end.code });
        else this.#fail(end.fault);
      },
      room: () => this.#pass(),
    };
  }

  #input(bytes: Buffer): void {
    if (bytes[0] !== socketStreams.stdin) return this.#fail("only stdin can be written to");
    this.#waiting.push({ bytes: bytes.subarray(1) });
    if (this.#blocked) this.#socket.pause();
    else this.#pass();
  }

  #control(control: SessionControl): void {
    if (control.type === "eof") {
      this.#inputOver = true;
      if (!this.#blocked) this.#pass();
    } else if (control.type === "resize") {
      this.#size = control;
      this.#session?.resize(control.columns, control.rows);
    }
  }

  /** Hands on what waits until the window is full. */
  #pass(): void {
    const session = this.#session;
    if (session === undefined || this.#over) return;
    this.#blocked = false;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      if (!session.write(next.bytes)) {
        this.#blocked = true;
        return this.#socket.pause();
      }
    this.#socket.resume();
    if (this.#inputOver) {
      this.#inputOver = false;
      session.endInput();
    }
  }

  #fail(message: string): void {
    this.#end({ type: "error", message });
  }

  #end(control: SessionControl): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopWatching();
    if (control.type === "error") this.#session?.close();
    this.#socket.resume(); // or the other side's close frame would never be read
    this.#socket.send(JSON.stringify(control), () => this.#socket.close(1000));
  }

  #gone(): void {
    this.#stopWatching();
    if (!this.#over) this.#session?.close();
    this.#over = true;
  }
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
