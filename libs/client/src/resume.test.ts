import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { WatchEvent } from "./client-types.ts";
import { resumedEvents, resumedWatch } from "./resume.ts";

type Row = { readonly name: string; readonly state: string };
type Told = WatchEvent<Row> | "break" | "end";
const row = (name: string, state = "up"): Row => ({ name, state });
const added = (...args: [string, string?]): Told => ({ type: "ADDED", item: row(...args) });
const synced: Told = { type: "SYNCED" };

/** Each list is one connection; "break" cuts it, "end" closes it, and after the last one nobody answers any more for good. */
async function watched(...connections: Told[][]) {
  const left = [...connections];
  const open = async () => {
    const told = left.shift();
    if (told === undefined) throw new WeftError("unauthorized", "over");
    return said(told);
  };
  const events: string[] = [];
  try {
    for await (const event of resumedWatch(open, ({ name }) => name))
      events.push(
        event.type === "SYNCED" ? event.type : `${event.type} ${event.item.name} ${event.item.state}`,
      );
  } catch (error) {
    expect(error).toMatchObject({ code: "unauthorized" });
  }
  return events;
}

async function* said(told: readonly Told[]): AsyncGenerator<WatchEvent<Row>> {
  for (const event of told) {
    if (event === "break") throw new WeftError("unavailable", "broke off");
    if (event === "end") return;
    yield event;
  }
}

describe("a watch whose connection breaks", () => {
  it("tells only what changed meanwhile", async () => {
    const before = [added("a"), added("b"), added("c"), synced, "break"] as const;
    const after = [added("a"), added("c", "down"), added("d"), synced] as const;
    expect(await watched([...before], [...after])).toEqual([
      "ADDED a up",
      "ADDED b up",
      "ADDED c up",
      "SYNCED",
      "MODIFIED c down",
      "ADDED d up",
      "DELETED b up",
    ]);
  });

  it("tells nothing when nothing changed, however often it breaks, also before all was told", async () => {
    const whole = [added("a"), added("b"), synced] as const;
    expect(await watched([...whole, "break"], [added("a"), "break"], [...whole, "end"], [...whole])).toEqual([
      "ADDED a up",
      "ADDED b up",
      "SYNCED",
    ]);
  });

  it("tells of a thing that comes, goes and comes again each time", async () => {
    const gone: Told = { type: "DELETED", item: row("a") };
    expect(await watched([added("a"), synced, gone, "break"], [added("a"), synced])).toEqual([
      "ADDED a up",
      "SYNCED",
      "DELETED a up",
      "ADDED a up",
    ]);
  });
});

describe("a first connection that is refused", () => {
  it("is not tried again", async () => {
    const open = () => Promise.reject(new WeftError("unavailable", "nobody is there"));
    await expect(resumedWatch<Row>(open, ({ name }) => name).next()).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("events whose connection breaks", () => {
  it("go on behind the last one", async () => {
    const all = [1, 2, 3, 4, 5];
    const asked: (string | undefined)[] = [];
    const open = async (after: string | undefined) => {
      asked.push(after);
      return two(all.filter((event) => event > Number(after ?? 0)));
    };
    const events: number[] = [];
    for await (const event of resumedEvents(open)) {
      events.push(event);
      if (event === 5) break;
    }
    expect(events).toEqual(all);
    expect(asked).toEqual([undefined, "2", "4"]);
  });
});

async function* two(events: readonly number[]) {
  for (const event of events.slice(0, 2)) yield { id: String(event), event };
  throw new WeftError("unavailable", "broke off");
}
