/**
 * Idempotency-Key: the same key with the same request within 10 minutes gets the same answer, and nothing is done twice.
 * Kept in memory, as many as fit; answers that say "try again" are not kept.
 */
import { createHash } from "node:crypto";
import { WeftError } from "@weft/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Kept {
  readonly body: string;
  readonly until: number;
  readonly answer: Promise<Answer>;
}

const keptMs = 10 * 60_000;
const most = 1000;

export class Idempotency {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs the request, or gives the answer that it has had already. */
  async once(request: FastifyRequest, reply: FastifyReply, run: () => Promise<Answer>): Promise<void> {
    const { status, headers, body } = await this.#answer(request, run);
    await reply.code(status).headers(headers).send(body);
  }

  #answer(request: FastifyRequest, run: () => Promise<Answer>): Promise<Answer> {
    const given = request.headers["idempotency-key"];
    if (given === undefined) return run();
    if (typeof given !== "string" || given.length > 256)
      throw new WeftError("invalid-request", "An Idempotency-Key has at most 256 characters.");
    this.#forgetOld();
    const key = `${request.method} ${request.url} ${given}`;
    const body = createHash("sha256")
      .update(JSON.stringify(request.body ?? null))
      .digest("hex");
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.body !== body)
      throw new WeftError("invalid-document", `The Idempotency-Key "${given}" was used for another body.`);
    return kept === undefined ? this.#keep(key, body, run()) : kept.answer;
  }

  #keep(key: string, body: string, answer: Promise<Answer>): Promise<Answer> {
    this.#kept.set(key, { body, answer, until: this.#now() + keptMs });
    answer.catch((error: unknown) => {
      if (!(error instanceof WeftError) || error.retryable) this.#kept.delete(key);
    });
    return answer;
  }

  /** In order of arrival, so the oldest come first. */
  #forgetOld(): void {
    for (const [key, { until }] of this.#kept) {
      if (until > this.#now() && this.#kept.size < most) return;
      this.#kept.delete(key);
    }
  }
}
