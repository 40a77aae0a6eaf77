/**
 * A series of random transactions by several writers at once, until so many are committed, with trouble on the way.
 * Reads who writes and what makes trouble; returns what became of the transactions.
 * What the replicas must then hold is left to the tests.
 */
import type { OvsdbClient } from "../../src/index.ts";
import { ConnectionLost, OvsdbError } from "../../src/index.ts";
import type { World } from "./random-transactions.ts";
import { drawTransaction } from "./random-transactions.ts";

export interface Series {
  readonly writers: readonly { readonly client: OvsdbClient; readonly world: World }[];
  /** How many transactions must be committed for certain. */
  readonly committed: number;
  /** Called after each that was, with their count; the writer goes on when it resolves. */
  readonly trouble: (committed: number) => Promise<void>;
}

export interface Outcome {
  committed: number;
  /** Refused by the server: an index, a reference, a fault that was put in. */
  refused: number;
  /** Their answer was lost with a connection. */
  lost: number;
  /** Committed although they ended with something that no server takes. */
  readonly wrong: string[];
}

export async function runSeries(series: Series): Promise<Outcome> {
  const outcome: Outcome = { committed: 0, refused: 0, lost: 0, wrong: [] };
  await Promise.all(series.writers.map((writer) => write(writer, series, outcome)));
  return outcome;
}

async function write(
  { client, world }: Series["writers"][number],
  { committed, trouble }: Series,
  outcome: Outcome,
): Promise<void> {
  const patience = committed * 20;
  while (outcome.committed < committed) {
    if (outcome.refused + outcome.lost > patience)
      throw new Error(`hardly anything is committed: ${JSON.stringify(outcome)}`);
    await connectionOf(client);
    const { operations, hopeless } = drawTransaction(world);
    try {
      await client.transact(world.schema, operations);
      outcome.committed += 1;
      if (hopeless) outcome.wrong.push(JSON.stringify(operations));
      await trouble(outcome.committed);
    } catch (error) {
      if (error instanceof OvsdbError) outcome.refused += 1;
      else if (error instanceof ConnectionLost) outcome.lost += 1;
      else throw error;
    }
  }
}

export async function connectionOf(client: OvsdbClient): Promise<void> {
  if (client.remote !== undefined) return;
  await new Promise<void>((resolve) => {
    const end = client.connected.subscribe(() => {
      end();
      resolve();
    });
  });
}
