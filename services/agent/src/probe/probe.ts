/**
 * A shard's probe: ping from the host on its inner side to the one on its outer side, which it reaches only through the
 * shard. Runs for as long as the shard does; a ping that ends is started again after a pause.
 * Tells how long ago the last reply came; whether the shard is ready is health's verdict.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { hostEnvironment } from "@weft/drivers";
import type { Clock } from "@weft/runtime";
import { PingOutput } from "./ping-output.ts";
import { ReplyDeadline } from "./reply-deadline.ts";

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
  /** When it is taken to have passed before it was asked, by the monotonic clock; left out: never. */
  readonly passedAt?: number;
}

export class Probe implements Disposable {
  readonly #options: ProbeOptions;
  readonly #output: PingOutput;
  readonly #deadline: ReplyDeadline;
  #child: ChildProcess | undefined;
  #again: Disposable | undefined;
  /** By the monotonic clock, like all that is told of replies. */
  #passedAt: number | undefined;
  #over = false;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#passedAt = options.passedAt;
    const { clock, overdueMs, overdue } = options;
    this.#output = new PingOutput(clock, () => this.#firstPassed());
    const repliedAtMs = () => this.#read() ?? this.#passedAt ?? clock.monotonicMs();
    this.#deadline = new ReplyDeadline({ clock, overdueMs, overdue, repliedAtMs });
    this.#start();
  }

  /** Milliseconds since the last reply; null before the first. */
  age(): number | null {
    let at = this.#passedAt;
    if (at === undefined) return null;
    const now = this.#options.clock.monotonicMs();
    const { intervalMs, overdueMs } = this.#options;
    // The next reply is not to be expected sooner, and an age that is well within the bound means the same as a smaller one.
    if (now - at >= Math.max(0.75 * intervalMs, overdueMs / 2)) at = this.#read() ?? at;
    return Math.max(0, Math.round(now - at));
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#deadline[Symbol.dispose]();
    this.#again?.[Symbol.dispose]();
    this.#child?.kill("SIGKILL");
    this.#output[Symbol.dispose]();
  }

  #firstPassed(): boolean {
    if (this.#over || this.#passedAt !== undefined) return true;
    if (this.#read() === undefined) return false;
    this.#options.passed();
    return true;
  }

  /** When the last of the replies came that nobody knew of. */
  #read(): number | undefined {
    if (this.#over) return undefined;
    const at = this.#output.lastReplyAtMs();
    if (at === undefined) return undefined;
    this.#passedAt = at;
    this.#deadline.replied(at);
    return at;
  }

  #start(): void {
    const { namespacePath, target, clock, intervalMs } = this.#options;
    const times = ["-i", String(intervalMs / 1_000), "-W", answerWithinSeconds];
    // Its output is no pipe that would break with the agent, so the kernel is told to end it then.
    const ping = ["setpriv", "--pdeathsig", "KILL", "ping", "-n", "-O", "-D", ...times, target];
    const child = spawn("nsenter", [`--net=${namespacePath}`, "--", ...ping], {
      stdio: ["ignore", this.#output.file, "ignore"],
      env: hostEnvironment(),
    });
    this.#child = child;
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
