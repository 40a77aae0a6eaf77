/**
 * A shard's probe: ping from the host on its inner side to the one on its outer side, which it reaches only through the
 * shard. Runs for as long as the shard does; a ping that ends is started again after a pause.
 * Tells how long ago the last reply came; whether the shard is ready is health's verdict.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { hostEnvironment } from "@weft/drivers";
import type { Clock } from "@weft/runtime";
import { isReply } from "./ping-line.ts";

const answerWithinSeconds = "1";
const againAfterMs = 1_000;

export interface ProbeOptions {
  readonly namespacePath: string;
  readonly target: string;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** A reply is overdue when it comes so long after the last one. */
  readonly overdueMs: number;
  /** Called at the first reply. */
  readonly passed: () => void;
  /** Called once when a reply is overdue; again only after one came. */
  readonly overdue: () => void;
  /** When it is taken to have passed before it was asked; left out: never. */
  readonly passedAt?: number;
}

export class Probe implements Disposable {
  readonly #options: ProbeOptions;
  #child: ChildProcess | undefined;
  #again: Disposable | undefined;
  #passedAt: number | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#passedAt = options.passedAt;
    this.#start();
  }

  /** Milliseconds since the last reply; null before the first. */
  age(now: number): number | null {
    return this.#passedAt === undefined ? null : Math.max(0, now - this.#passedAt);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#again?.[Symbol.dispose]();
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { namespacePath, target, clock, intervalMs } = this.#options;
    const interval = String(intervalMs / 1_000);
    const ping = ["ping", "-n", "-O", "-i", interval, "-W", answerWithinSeconds, target];
    const child = spawn("nsenter", [`--net=${namespacePath}`, "--", ...ping], {
      stdio: ["ignore", "pipe", "ignore"],
      env: hostEnvironment(),
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (isReply(line)) this.#replied(clock.now());
    });
    let ended = false;
    const end = () => {
      if (ended || this.#over) return;
      ended = true;
      this.#again = clock.after(againAfterMs, () => this.#start());
    };
    child.once("error", end);
    child.once("exit", end);
  }

  #replied(now: number): void {
    if (this.#over) return;
    const { overdue, overdueMs, passed } = this.#options;
    const first = this.#passedAt === undefined;
    this.#passedAt = now;
    // A moment later, so that its age is beyond the bound by then.
    this.#deadline ??= setTimeout(overdue, overdueMs + 1).unref();
    this.#deadline.refresh();
    if (first) passed();
  }
}
