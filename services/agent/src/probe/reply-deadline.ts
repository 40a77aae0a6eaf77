/**
 * When a reply of a probe is overdue. One timer for many replies: when it runs, it asks whether one came meanwhile, and waits for the rest
 * of that one's time. A timer for each reply would wake the agent for each, long after its end was put off: Node's timers that are
 * cleared still wake the event loop (measured: five times a second and probe). Reads the clock alone.
 */
import type { Clock } from "@weft/runtime";

/** The clock makes waits of a second and more longer: a longer one is waited for in several. */
const longestWaitMs = 900;

export interface DeadlineOptions {
  readonly clock: Clock;
  /** A reply is overdue when it comes so long after the last one. */
  readonly overdueMs: number;
  /** When the last reply came by the monotonic clock, of those too that nobody has asked for yet. */
  readonly repliedAtMs: () => number;
  /** Called once when a reply is overdue; again only after one came. */
  readonly overdue: () => void;
}

export class ReplyDeadline implements Disposable {
  readonly #options: DeadlineOptions;
  #timer: Disposable | undefined;
  #over = false;

  constructor(options: DeadlineOptions) {
    this.#options = options;
  }

  /** A reply came. */
  replied(atMs: number): void {
    if (this.#timer === undefined && !this.#over) this.#waitFor(atMs);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
  }

  #waitFor(atMs: number): void {
    const waitMs = Math.min(Math.max(1, this.#restMs(atMs)), longestWaitMs);
    this.#timer = this.#options.clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const atMs = this.#options.repliedAtMs();
    if (this.#restMs(atMs) > 0) return this.#waitFor(atMs);
    this.#timer = undefined;
    this.#options.overdue();
  }

  /** A moment more, so that its age is beyond the bound by then. */
  #restMs(atMs: number): number {
    const { clock, overdueMs } = this.#options;
    return atMs + overdueMs + 1 - clock.monotonicMs();
  }
}
