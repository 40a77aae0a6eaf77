/**
 * Clients that knock at one server all the time, one in each namespace, and the first answer that each got to a connection
 * begun after a given moment. Ends its processes.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

const Knock = z.object({ begunAt: z.number(), answeredAt: z.number() });
type Knock = z.infer<typeof Knock>;

export class Clients implements Disposable {
  readonly #children: ChildProcess[] = [];
  readonly #answers: Knock[][] = [];
  #look: () => void = () => undefined;

  /** Resolves when all of them knock. */
  static async start(namespaces: readonly string[], host: string, port: number): Promise<Clients> {
    const clients = new Clients();
    await Promise.all(
      namespaces.map((namespace, index) => clients.#start(index, [namespace, host, `${port}`])),
    );
    return clients;
  }

  answered(): boolean {
    return this.#answers.some((answers) => answers.length > 0);
  }

  /** When the last of the clients had its first answer to what it began at that moment or later: milliseconds since the epoch. */
  async allAnsweredSince(momentMs: number): Promise<number> {
    const first = () =>
      this.#answers.map((answers) => answers.find(({ begunAt }) => begunAt >= momentMs)?.answeredAt);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#look = () => {
      const times = first().filter((time) => time !== undefined);
      if (times.length === this.#answers.length) resolve(Math.max(...times));
    };
    this.#look();
    return promise;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  #start(index: number, [namespace = "", ...target]: readonly string[]): Promise<void> {
    const script = path.join(import.meta.dirname, "knock.ts");
    const child = spawn("nsenter", [`--net=${namespace}`, process.execPath, script, ...target], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(child);
    const answers: Knock[] = (this.#answers[index] = []);
    return new Promise((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line === "ready") return resolve();
        answers.push(Knock.parse(JSON.parse(line)));
        this.#look();
      });
    });
  }
}
