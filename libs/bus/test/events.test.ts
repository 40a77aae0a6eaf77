import type { StreamInfo } from "@nats-io/jetstream";
import { jetstreamManager } from "@nats-io/jetstream";
import { WeftEvent } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import type { Bus } from "../src/index.ts";
import { chain, keyOf, told, world } from "./support/world.ts";

async function storedEvents(bus: Bus): Promise<WeftEvent[]> {
  const manager = await jetstreamManager(bus.connection);
  const { state }: StreamInfo = await manager.streams.info("WEFT_EVENTS");
  const found: WeftEvent[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await manager.streams.getMessage("WEFT_EVENTS", { seq });
    if (message !== null) found.push(WeftEvent.parse(message.json()));
  }
  return found;
}

function steps(events: readonly WeftEvent[]): unknown[] {
  return events.map(({ data }) => [data["from"], data["to"]]);
}

describe("events of a bucket", () => {
  it("are told in order, each with what was before", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("a"), chain("a", "one"));
    await at.bus.followEvents("stitched", told);
    await at.bus.put("stitched", keyOf("b"), chain("b", "other"));
    await at.bus.put("stitched", keyOf("a"), chain("a", "two"));
    await at.bus.remove("stitched", keyOf("a"));
    await at.bus.put("stitched", keyOf("a"), chain("a", "three"));
    const events = await eventually("five events", async () => {
      const found = await storedEvents(at.bus);
      return found.length >= 5 && found;
    });
    expect(steps(events)).toEqual([
      [null, "one"],
      [null, "other"],
      ["one", "two"],
      ["two", null],
      [null, "three"],
    ]);
  });

  it("are told with what a deletion says of what asked for it, alone or in a batch", async () => {
    await using at = await world();
    const causes: unknown[] = [];
    await at.bus.followEvents("stitched", (change) => {
      causes.push([change.key, change.value === null, change.cause]);
      return [];
    });
    const [a, b, c] = [keyOf("a"), keyOf("b"), keyOf("c")];
    for (const name of ["a", "b", "c"]) await at.bus.put("stitched", keyOf(name), chain(name, "one"));
    await at.bus.batch("stitched", [
      { key: a, value: null, cause: "request-1" },
      { key: b, value: null, cause: "request-1" },
    ]);
    await at.bus.remove("stitched", c);
    await eventually("six changes", () => causes.length === 6);
    expect(causes.slice(3)).toEqual([
      [a, true, "request-1"],
      [b, true, "request-1"],
      [c, true, undefined],
    ]);
  });

  it("are told once each although the server is killed and the follower replaced in between", async () => {
    await using at = await world();
    const follower = await at.another();
    await follower.followEvents("stitched", told);
    const put = (message: string) =>
      eventually(`put ${message}`, () => at.bus.put("stitched", keyOf("a"), chain("a", message)), {
        withinMs: 15_000,
      });
    const messages = Array.from({ length: 12 }, (_, index) => `m${index}`);
    for (const [index, message] of messages.entries()) {
      await put(message);
      if (index === 3) await at.nats.restart();
      if (index === 6) await follower.close();
      if (index === 8) await (await at.another()).followEvents("stitched", told);
    }
    const events = await eventually(
      "an event of the last change",
      async () => {
        const found = await storedEvents(at.bus);
        return found.at(-1)?.data["to"] === "m11" && found;
      },
      { withinMs: 25_000 },
    );
    const distinct = [...new Set(events.map(({ data }) => data["to"]))];
    expect(distinct).toEqual(messages);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it("are told once each, in order, under load while the server and followers are killed", async () => {
    await using at = await world();
    const followers = [await at.another(), await at.another()];
    for (const follower of followers) await follower.followEvents("stitched", told);
    let writes = 0;
    for (let round = 0; round < 8; round += 1) {
      const puts = Array.from({ length: 20 }, (_, index) => {
        writes += 1;
        return at.bus
          .put("stitched", keyOf(`c${index}`), chain(`c${index}`, `m${writes}`))
          .catch(() => undefined);
      });
      await Promise.race(puts);
      if (round % 3 === 0) await at.nats.restart();
      if (round === 4) {
        await followers[0]?.connection.close(); // as a kill would: nothing is handed back
        await (await at.another()).followEvents("stitched", told);
      }
      await Promise.all(puts);
    }
    const last = await eventually("the last write", () =>
      at.bus.put("stitched", keyOf("last"), chain("last")),
    );
    const events = await eventually(
      "an event of the last write",
      async () => {
        const found = await storedEvents(at.bus);
        return found.at(-1)?.id.endsWith(`@${last}`) === true && found;
      },
      { withinMs: 30_000 },
    );
    const revisions = events.map(({ id }) => Number(id.split("@")[1]));
    expect(revisions).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    expect(last).toBeGreaterThan(100);
  });

  it("are told by any number of copies as by one", async () => {
    await using at = await world();
    for (let copy = 0; copy < 3; copy += 1) await (await at.another()).followEvents("stitched", told);
    const messages = Array.from({ length: 30 }, (_, index) => `m${index}`);
    for (const [index, message] of messages.entries()) {
      const name = `c${index % 3}`; // of one key no more than the history are kept
      await at.bus.put("stitched", keyOf(name), chain(name, message));
    }
    const events = await eventually("30 events", async () => {
      const found = await storedEvents(at.bus);
      return found.length >= messages.length && found;
    });
    expect(events.map(({ data }) => data["to"])).toEqual(messages);
  });

  it("go on after a change that cannot be told", async () => {
    await using at = await world();
    await at.bus.followEvents("stitched", (change) => {
      if (change.value?.message === "bad") throw new Error("no idea");
      return told(change);
    });
    await at.bus.put("stitched", keyOf("a"), chain("a", "bad"));
    await at.bus.put("stitched", keyOf("a"), chain("a", "good"));
    const events = await eventually("one event", async () => {
      const found = await storedEvents(at.bus);
      return found.length > 0 && found;
    });
    expect(steps(events)).toEqual([["bad", "good"]]);
  });
});
