/**
 * One end of the tests' traffic as its test sees it: a program in a network namespace (programs/endpoint.ts) that takes orders.
 * Starts the process and ends it. What its flows came to is put together in summary.ts.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { GroupReport, Order } from "./programs/orders.ts";

const Counts = z.array(z.number());
const Report: z.ZodType<GroupReport> = z.object({
  group: z.string(),
  kind: z.enum(["tcp", "churn", "udp", "push", "refused", "served"]),
  opened: z.number(),
  notOpened: z.number(),
  broken: z.number(),
  breakages: z.array(z.object({ reason: z.string(), window: z.number(), at: z.number(), from: z.string() })),
  wrong: z.number(),
  sent: Counts,
  received: Counts,
  doubled: z.number(),
  reordered: z.number(),
  worstGapMs: Counts,
  outages: z.record(z.string(), z.number()),
});
const Answer = z.object({
  at: z.number(),
  failed: z.string().optional(),
  groups: z.array(Report).optional(),
});
type Answer = z.infer<typeof Answer>;

const script = path.join(import.meta.dirname, "programs/endpoint.ts");

export class Endpoint implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  #line: Promise<unknown> = Promise.resolve();

  /** `namespace`: path of a network namespace; without one it runs where its test does. */
  constructor(name: string, namespace?: string) {
    this.name = name;
    this.#child =
      namespace === undefined
        ? spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] })
        : spawn("nsenter", [`--net=${namespace}`, process.execPath, script], {
            stdio: ["pipe", "pipe", "inherit"],
          });
    this.#child.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Orders are carried out one after the other; resolves when this one was. */
  order(order: Order): Promise<Answer> {
    const next = this.#line.then(() => this.#ask(order));
    this.#line = next.catch(() => undefined);
    return next;
  }

  async reports(): Promise<readonly GroupReport[]> {
    return (await this.order({ op: "report" })).groups ?? [];
  }

  /** SIGSTOP, SIGCONT, SIGKILL. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #ask(order: Order): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the traffic program ${this.name} ended`);
    const answer = Answer.parse(JSON.parse(value));
    if (answer.failed !== undefined) throw new Error(`${this.name}, ${order.op}: ${answer.failed}`);
    return answer;
  }
}
