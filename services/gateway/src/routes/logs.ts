/**
 * Logs of a workload or a shard, streamed from its agent as plain text, no faster than the reader takes them;
 * and the latest log lines of a service.
 */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { WeftError } from "@weft/schemas";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { Flag, readName, readQuery } from "../edge/query.ts";
import type { AgentSession, GatewayPorts, SessionEnd, SessionListener } from "../ports.ts";
import type { SessionKind } from "./session-target.ts";
import { ownerOf, whenAgentGoes } from "./session-target.ts";

/** So long a fault may take to come as a refusal; what has begun by then, as an answer without a line, can only be cut off. */
const faultWithinMs = 500;

const Tail = z.coerce.number().int().min(0);

export function addLogRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  addThingLogs(app, ports, "workload");
  addThingLogs(app, ports, "shard");
  app.get("/v1/services/:name/logs", async (request, reply) => {
    const name = readName(request, "name");
    const { tail } = readQuery(request, { tail: Tail.default(1000) });
    const lines = await ports.services.logs(name, tail);
    return reply.type("text/plain; charset=utf-8").send(lines.map((line) => `${line}\n`).join(""));
  });
}

function addThingLogs(app: FastifyInstance, ports: GatewayPorts, kind: SessionKind): void {
  app.get(`/v1/tenants/:tenant/${kind}s/:name/logs`, async (request, reply) => {
    const [tenant, name] = [readName(request, "tenant"), readName(request, "name")];
    const { follow, tail } = readQuery(request, { follow: Flag, tail: Tail.optional() });
    const { records } = ports;
    const owner = ownerOf(records.world(), kind, tenant, name);
    const answer = new LogAnswer(reply, `${kind} ${tenant}/${name}`);
    const session = await ports.sessions.open(
      owner.node,
      {
        id: randomUUID(),
        op: "logs",
        kind,
        tenant,
        name,
        tty: false,
        stdin: false,
        follow,
        ...(tail === undefined ? {} : { tail }),
      },
      answer,
    );
    await answer.begin(session, (over) => whenAgentGoes({ records, owner }, over));
  });
}

/** The agent's frames as the body of one answer. Frames come only once the agent has accepted. */
class LogAnswer implements SessionListener {
  readonly #raw: ServerResponse;
  readonly #reply: FastifyReply;
  readonly #of: string;
  #over = false;
  /** Settled once the answer has begun, or is to be a refusal. */
  readonly #begun = Promise.withResolvers<void>();

  /** `of`: whose logs they are, for people. */
  constructor(reply: FastifyReply, of: string) {
    this.#reply = reply;
    this.#raw = reply.raw;
    this.#of = of;
    this.#begun.promise.catch(() => {}); // a fault may come before anybody waits
  }

  /** `watch` tells when the agent is gone, which says nothing then. Rejects with what is to be refused. */
  async begin(session: AgentSession, watch: (over: (why: string) => void) => () => void): Promise<void> {
    if (this.#over) return this.#begun.promise;
    const silent = setTimeout(() => this.#open(), faultWithinMs);
    const stop = watch((why) => {
      session.close();
      this.ended({ fault: why });
    });
    this.#raw.once("close", () => {
      stop();
      clearTimeout(silent);
      if (!this.#over) session.close();
    });
    return this.#begun.promise;
  }

  data(_stream: "stdout" | "stderr", bytes: Uint8Array, taken: () => void): void {
    this.#open();
    this.#raw.write(bytes, () => taken());
  }

  ended(end: SessionEnd): void {
    this.#over = true;
    if ("fault" in end && !this.#raw.headersSent)
      return this.#begun.reject(
        new WeftError("unavailable", `There are no logs of ${this.#of}: ${end.fault}.`, {
          concerns: this.#of,
        }),
      );
    this.#open();
    // A body that is cut off shows at the other end; one that ends well does not.
    if ("fault" in end) this.#raw.destroy();
    else this.#raw.end();
  }

  room(): void {}

  #open(): void {
    if (this.#raw.headersSent) return;
    this.#reply.hijack();
    this.#raw.writeHead(200, {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    this.#raw.flushHeaders();
    this.#begun.resolve();
  }
}
