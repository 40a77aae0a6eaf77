/**
 * Events of a series of changes whose publishers are killed again and again, each time just after a record was written:
 * every change is told once, none twice, in the order in which the records were written. Real processes, real nats-server.
 */
import type { JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { jetstreamManager } from "@nats-io/jetstream";
import { PlacementRecord, WeftEvent } from "@weft/schemas";
import type { ServerProcess } from "@weft/testkit";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placementEvents } from "../src/index.ts";
import { group } from "./documents.ts";
import { labByHand } from "./lab-by-hand.ts";
import type { LabByHand } from "./lab-by-hand.ts";

let lab: LabByHand;
beforeAll(async () => {
  lab = await labByHand();
  for (const name of ["node-1", "node-2", "node-3"]) await lab.node(name);
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Kills the process as soon as a record of the bucket is on its way, waits for what is left to happen, and starts it again. */
async function killedAt(
  bucket: string,
  victim: ServerProcess,
  change: () => Promise<unknown>,
): Promise<void> {
  const written = Promise.withResolvers<void>();
  const watching = lab.connection.subscribe(`$KV.${bucket}.>`, { callback: () => written.resolve() });
  const changed = change().catch(() => undefined); // its answer may die with the process
  await written.promise;
  await victim.down("SIGKILL");
  watching.unsubscribe();
  await changed;
  await victim.up();
}

const scaled = (replicas: number) =>
  eventually(`a scale to ${replicas}`, () => lab.apply(group(replicas)).then(() => true), {
    withinMs: 20_000,
  });
const placedShards = (count: number) =>
  eventually(
    `${count} shards`,
    () => [...lab.placements.values()].filter(({ kind }) => kind === "shard").length === count,
    { withinMs: 20_000 },
  );

describe("events, while their publishers are killed", () => {
  it("are told once for each change, in order", async () => {
    const sizes = [1, 4, 2, 3, 1, 4];
    for (const [turn, replicas] of sizes.entries()) {
      const scheduler = lab.schedulers[turn % 2];
      if (scheduler === undefined) throw new Error("there are two schedulers");
      if (turn % 2 === 0) await killedAt("weft_intents", lab.intent, () => lab.apply(group(replicas)));
      else await killedAt("weft_placements", scheduler, () => lab.apply(group(replicas)));
      await scaled(replicas); // as an operator would, whose request went unanswered
      await placedShards(replicas);
    }
    const manager = await jetstreamManager(lab.connection);
    const intents = (await messages(manager, "KV_weft_intents")).map(idOf);
    const placements = await expectedOfPlacements(manager);
    expect(intents.length).toBe(sizes.length);
    expect(placements.length).toBeGreaterThan(10);
    const told = async (bucket: string) =>
      (await messages(manager, "WEFT_EVENTS"))
        .map((message) => WeftEvent.parse(message.json()).id)
        .filter((id) => id.startsWith(`${bucket}/`));
    await eventually(
      "the last event of each bucket",
      async () =>
        (await told("weft_intents")).includes(intents.at(-1) ?? "") &&
        (await told("weft_placements")).includes(placements.at(-1) ?? ""),
      { withinMs: 20_000 },
    );
    expect(await told("weft_intents")).toEqual(intents);
    expect(await told("weft_placements")).toEqual(placements);
  }, 180_000);
});

/** What the changes of weft_placements are to be told as: ids in the order of the stream. */
async function expectedOfPlacements(manager: JetStreamManager): Promise<string[]> {
  const before = new Map<string, PlacementRecord>();
  return (await messages(manager, "KV_weft_placements")).flatMap((message) => {
    const key = message.subject.slice("$KV.weft_placements.".length);
    const value = message.data.length === 0 ? null : PlacementRecord.parse(message.json());
    const change = { key, revision: message.seq, at: "", value, before: before.get(key) ?? null };
    if (value === null) before.delete(key);
    else before.set(key, value);
    return placementEvents(change).map(({ id }) => id);
  });
}

async function messages(manager: JetStreamManager, stream: string): Promise<StoredMsg[]> {
  const { state } = await manager.streams.info(stream);
  const found: StoredMsg[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(stream, { seq });
    if (message !== null) found.push(message);
  }
  return found;
}

function idOf({ subject, seq }: StoredMsg): string {
  return `${subject.replace(/^\$KV\.([^.]+)\./, "$1/")}@${seq}`;
}
