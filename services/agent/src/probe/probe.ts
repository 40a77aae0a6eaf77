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

const intervalSeconds = "0.2";
const answerWithinSeconds = "1";
const againAfterMs = 1_000;

export interface ProbeOptions {
  readonly namespacePath: string;
  readonly target: string;
  readonly clock: Clock;
  /** Called at the first reply. */
  readonly passed: () => void;
  /** When it is taken to have passed before it was asked; left out: never. */
  readonly passedAt?: number;
}

export class Probe implements Disposable {
  readonly #options: ProbeOptions;
  #child: ChildProcess | undefined;
  #again: Disposable | undefined;
  #passedAt: number | undefined;
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
    this.#again?.[Symbol.dispose]();
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { namespacePath, target, clock } = this.#options;
    const ping = ["ping", "-n", "-O", "-i", intervalSeconds, "-W", answerWithinSeconds, target];
    const child = spawn("nsenter", [`--net=${namespacePath}`, "--", ...ping], {
      stdio: ["ignore", "pipe", "ignore"],
      env: hostEnvironment(),
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!isReply(line)) return;
      const first = this.#passedAt === undefined;
      this.#passedAt = clock.now();
      if (first) this.#options.passed();
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
}
