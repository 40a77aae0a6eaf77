/**
 * When a reply of a probe is overdue. Looked for with ticks that wake the agent anyway; only a deadline that may fall before the next one gets
 * a timer of its own, and that asks whether a reply came meanwhile. So while replies come nothing is woken for.
 * Reads the clock alone.
 */
import { everyTick } from "@weft/runtime";
import type { Clock } from "@weft/runtime";

const tickMs = 500;
/** A tick may be late. */
const soonMs = tickMs + 100;

export interface DeadlineOptions {
  readonly clock: Clock;
  /** A reply is overdue when it comes so long after the last one. */
  readonly overdueMs: number;
  /** When the last reply came by the monotonic clock, of those too that nobody has asked for yet. */
  readonly repliedAtMs: () => number;
  /** Called once when a reply is overdue; again only after one came. */
  readonly overdue: () => void;
  /** Default: the ticks of the process. */
  readonly everyTick?: (everyMs: number, run: () => void) => Disposable;
}

export class ReplyDeadline implements Disposable {
  readonly #options: DeadlineOptions;
  readonly #ticking: Disposable;
  /** The last one that is known here; undefined: none is waited for. */
  #knownAtMs: number | undefined;
  #timer: Disposable | undefined;
  #over = false;

  constructor(options: DeadlineOptions) {
    this.#options = options;
    this.#ticking = (options.everyTick ?? everyTick)(tickMs, () => this.#tick());
  }

  /** A reply came. */
  replied(atMs: number): void {
    if (this.#over) return;
    this.#knownAtMs = atMs;
    this.#waitIfSoon();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#knownAtMs = undefined;
    this.#ticking[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #tick(): void {
    if (this.#timer !== undefined || this.#knownAtMs === undefined) return;
    if (this.#restMs(this.#knownAtMs) > soonMs) return;
    this.#knownAtMs = this.#options.repliedAtMs();
    this.#waitIfSoon();
  }

  #waitIfSoon(): void {
    if (this.#timer !== undefined || this.#knownAtMs === undefined) return;
    const restMs = this.#restMs(this.#knownAtMs);
    if (restMs <= soonMs) this.#timer = this.#options.clock.after(Math.max(1, restMs), () => this.#due());
  }

  #due(): void {
    const atMs = this.#options.repliedAtMs();
    this.#timer = undefined;
    const isOverdue = this.#restMs(atMs) <= 0;
    this.#knownAtMs = isOverdue ? undefined : atMs;
    if (isOverdue) this.#options.overdue();
    else this.#waitIfSoon();
  }

  /** A moment more, so that its age is beyond the bound by then. */
  #restMs(atMs: number): number {
    const { clock, overdueMs } = this.#options;
    return atMs + overdueMs + 1 - clock.monotonicMs();
  }
}
