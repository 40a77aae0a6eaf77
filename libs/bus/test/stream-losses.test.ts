/**
 * A bucket that is deleted under those who follow it while the server tells nobody, as nats-server 2.15.1 does in one of ten
 * deletions: here by what its clients may not hear.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { Clock } from "@weft/runtime";
import { createLog, testClock } from "@weft/runtime";
import { eventSubject, eventsStream } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { streamOf } from "../src/bucket.ts";
import type { Bus } from "../src/index.ts";
import { ensureStreams } from "../src/streams.ts";
import { chain, keyOf, told, world } from "./support/world.ts";

const untold = ["$JS.EVENT.ADVISORY.STREAM.DELETED.*"];
const stitched = streamOf("stitched");
const patience = { withinMs: 15_000 };

/** By hand, within what another look would not notice. */
async function makeAnew(bus: Bus): Promise<void> {
  const { streams } = await jetstreamManager(bus.connection);
  const { config } = await streams.info(stitched);
  await streams.delete(stitched);
  await streams.add({ ...config, metadata: {} });
}

describe("a bucket that is missing", () => {
  it("is made anew once the server has had the time to remove what was deleted, and at once where none was", async () => {
    await using at = await world();
    const { streams } = await jetstreamManager(at.bus.connection);
    const there = async () => (await streams.names().next()).includes(stitched);
    await streams.delete(stitched);
    const waits = Promise.withResolvers<void>();
    const time = testClock();
    const clock: Clock = {
      ...time,
      after: (ms, run) => {
        waits.resolve();
        return time.after(ms, run);
      },
    };
    const made = ensureStreams(at.bus.connection, { clock, log: createLog("test", "silent") });
    await Promise.race([waits.promise, made]);
    expect(await there()).toBe(false);
    await time.advance(1_000);
    await made;
    expect(await there()).toBe(true);
    for (const name of await streams.names().next()) await streams.delete(name);
    await ensureStreams(at.bus.connection, { clock: testClock(), log: createLog("test", "silent") });
    expect(await there()).toBe(true);
  });
});

describe("a bucket whose deletion is told to nobody", () => {
  it("is missed: all who follow it call it lost, and go on with it once it is made anew", async () => {
    await using at = await world({ untold });
    const other = await at.another();
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const views = [await at.bus.view("stitched"), await other.view("stitched")];
    let questions = 0;
    at.bus.connection.subscribe("$JS.API.STREAM.NAMES", {
      callback: () => {
        questions += 1;
      },
    });
    await eventually("both have asked what there is", () => questions >= 2, patience);
    await (await jetstreamManager(at.bus.connection)).streams.delete(stitched);
    const areLost = () => [at.bus, other].every(({ lineage }) => lineage.lost().has("stitched"));
    await eventually("both know", areLost, patience);
    await eventually("both views are empty", () => views.every((view) => view.entries().size === 0));
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    await eventually("both views go on", () => views.every((view) => view.get(keyOf("b")) !== undefined));
  });

  it("is read afresh when somebody made it anew before it could be missed, also by who tells its events", async () => {
    await using at = await world({ untold });
    await at.bus.put("stitched", keyOf("a"), chain("a"));
    const view = await at.bus.view("stitched");
    const before = view.store;
    await (await at.another()).followEvents("stitched", told);
    await makeAnew(at.bus);
    await eventually("the view is empty", () => view.entries().size === 0, patience);
    expect(view.store).not.toBe(before);
    expect([...at.bus.lineage.lost()]).toEqual(["stitched"]);
    await at.bus.put("stitched", keyOf("b"), chain("b"));
    await eventually("the view goes on", () => view.get(keyOf("b")) !== undefined);
    const { streams } = await jetstreamManager(at.bus.connection);
    const subject = eventSubject("chain", "ready", "demo", "b");
    const stored = () => streams.getMessage(eventsStream, { last_by_subj: subject });
    await eventually("so do its events", async () => (await stored()) !== null, patience);
  });
});
