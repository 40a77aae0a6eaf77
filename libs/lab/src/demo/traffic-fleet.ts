/**
 * The traffic of the demonstration: one echo-client in every client workload, by `exec` sessions like any user's.
 * Gives orders to all and adds up what they report. Leaves what is counted in shards to counters.ts.
 */
import { z } from "zod";
import type { Order, Report } from "./traffic/messages.ts";

/** A running command: what is written goes to its stdin; lines are what it prints. */
export interface CommandSession {
  write(text: string): void;
  readonly lines: AsyncIterator<string>;
  close(): Promise<void>;
}

const ReportLine = z.object({
  done: z.number(),
  failed: z.number(),
  reached: z.array(z.number()).optional(),
});

export class TrafficFleet {
  readonly #sessions: readonly CommandSession[];

  private constructor(sessions: readonly CommandSession[]) {
    this.#sessions = sessions;
  }

  static async start(count: number, open: (index: number) => Promise<CommandSession>): Promise<TrafficFleet> {
    return new TrafficFleet(await Promise.all(Array.from({ length: count }, (_, index) => open(index))));
  }

  /** Gives the same order to every client; the sum of their reports. */
  async all(order: Order): Promise<Report> {
    const reports = await Promise.all(this.#sessions.map((_, index) => this.one(index, order)));
    return {
      done: reports.reduce((sum, report) => sum + report.done, 0),
      failed: reports.reduce((sum, report) => sum + report.failed, 0),
    };
  }

  async one(index: number, order: Order): Promise<Report> {
    const session = this.#sessions[index];
    if (session === undefined) throw new RangeError(`there is no client ${index}`);
    session.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await session.lines.next();
    if (done === true) throw new Error(`the traffic program of client ${index + 1} ended`);
    const { reached, ...sums } = ReportLine.parse(JSON.parse(value));
    return reached === undefined ? sums : { ...sums, reached };
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
  }
}
