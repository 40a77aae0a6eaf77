/**
 * Corners of a handoff, in one lab under one load: fragments, a path that gets narrow, connections that servers open, a move during a
 * move, a function that is restarted and an ovn-controller that stands still meanwhile, sets that are full. Nothing breaks, what is new
 * opens, and nothing is handed to and fro.
 */
import { eventually, extent } from "@weft/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Summary } from "../traffic/summary.ts";
import { CornerWorld, names } from "./corner-world.ts";

const patience = { withinMs: 30_000 };
/** In `npm test` no longer than the moves take. */
const silentMs = extent({ bounded: 1_000, full: 11 * 60_000 });
const controlMs = 4_000;
/** Long enough for what waited in a queue of two busy cores. */
const underWayMs = 3_000;
const datagrams = ["udp", "push", "big"] as const;
/**
 * In a window, beside what its share of the control's is: two busy cores may lose a few at any time. A hole of three tenths of a second
 * for a quarter of the clients costs about 19 of each.
 */
const mostLost = 6;
let world: CornerWorld;
/** The window in which nothing changes. */
let control: number;

beforeAll(async () => {
  world = await CornerWorld.open();
  await world.turn();
  await world.wait(controlMs);
  control = await world.turn();
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

/** Of the flows that speak all the while, in every test of this file. */
afterEach(async () => {
  const window = await world.turn();
  const sums = await world.moving.traffic.summary();
  for (const name of names) expect(sums[name], name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0 });
  for (const name of datagrams) await losesNoMore(name, window);
});

/** Than the window in which nothing changed; judged once what was under way had time to come. */
async function losesNoMore(name: string, window: number): Promise<void> {
  await eventually(
    `${name} loses no more in a move than without one`,
    async () => {
      const { sent, lost } = await sumOf(name);
      const share = (lost[control] ?? 0) / (sent[control] ?? 0);
      expect(lost[window] ?? 0).toBeLessThanOrEqual(mostLost + share * (sent[window] ?? 0));
      return true;
    },
    { withinMs: underWayMs },
  );
}

async function sumOf(name: string): Promise<Summary> {
  const sum = (await world.moving.traffic.summary())[name];
  if (sum === undefined) throw new Error(`nobody reports ${name}`);
  return sum;
}

/** Connections that come and go are opened while the work goes on, and none of them fails. */
async function opensDuring(work: () => Promise<unknown>): Promise<void> {
  const before = (await sumOf("new")).opened;
  await work();
  expect((await sumOf("new")).opened).toBeGreaterThan(before);
}

describe("slots that change hands", () => {
  it("keep what is under way when they go on before the first move is over", async () => {
    await opensDuring(async () => {
      await world.begin(4);
      await eventually("slots are on their way", () => world.inFlight() > 0, patience);
      await world.begin(3);
      await world.scale(4);
      await world.scale(2);
    });
    expect(world.moving.movedShare()).toBeGreaterThanOrEqual(0.5);
  });

  it("keep it when the functions are restarted meanwhile", async () => {
    await opensDuring(async () => {
      await world.begin(3);
      await eventually("slots are on their way", () => world.inFlight() > 0, patience);
      await world.restartFunctions();
      await world.moving.settled(3);
    });
  });

  it("keep it while an ovn-controller stands still, and are switched once it goes on", async () => {
    using frozen = await world.freezeControllerOf("server");
    await opensDuring(async () => {
      await world.begin(2);
      await eventually("slots are on their way", () => world.inFlight() > 0, patience);
      const before = (await sumOf("new")).opened;
      await eventually("more open", async () => (await sumOf("new")).opened > before + 40, patience);
      expect(world.inFlight()).toBeGreaterThan(0);
      frozen[Symbol.dispose]();
      await world.moving.settled(2);
    });
  });

  it("hear of a path that has become narrow from beyond another shard", async () => {
    await world.openBeyond("large", 8);
    await world.scale(4);
    await world.narrow();
    await world.moving.traffic.ends.near.order({ op: "speak", group: "large" });
    expect(await sumOf("large")).toMatchObject({ opened: 8, broken: 0, wrong: 0 });
    expect(await world.errorsHandedOn()).toBeGreaterThan(0);
  });

  it("keep what was silent for long", async () => {
    await world.wait(silentMs);
    // Nothing moved meanwhile, and the longer a window is the more two busy cores may lose in it.
    await world.turn();
    await world.moving.traffic.speak();
    expect(await sumOf("silent")).toMatchObject({ broken: 0, wrong: 0 });
  });

  it("keep what a full set could not take", async () => {
    await world.fillShims();
    await world.open("late", { count: 64 });
    expect(await world.unrecorded()).toBeGreaterThan(0);
    await world.scale(2);
    await world.moving.traffic.ends.near.order({ op: "speak", group: "late" });
    expect(await sumOf("late")).toMatchObject({ opened: 64, broken: 0, wrong: 0, breakages: [] });
  });

  it("would be seen to leave a hole of three tenths of a second for a quarter of the clients", async () => {
    await world.deafen(300);
    const window = await world.turn();
    const judged = datagrams.map((name) =>
      expect(losesNoMore(name, window), name).rejects.toThrow(`${name} loses no more`),
    );
    await Promise.all(judged);
  });

  it("hand nothing to and fro once nobody speaks", async () => {
    await world.moving.traffic.quiet();
    let last = -1;
    await eventually(
      "nothing is handed on any more",
      async () => {
        const now = await world.handedOn();
        const stands = now === last;
        last = now;
        return stands;
      },
      patience,
    );
  });
});
