import { awakeSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { world } from "./support/world.ts";

function listening(at: Awaited<ReturnType<typeof world>>, everyMs = 50) {
  const texts: string[] = [];
  const takes: number[] = [];
  const hearing = at.bus.hear("test.often.*", {
    everyMs,
    lateMs: 0,
    heard: (text, subject) => texts.push(`${subject} ${text}`),
    taken: () => takes.push(texts.length),
  });
  return { texts, takes, [Symbol.dispose]: () => hearing[Symbol.dispose]() };
}

describe("what is said over a line", () => {
  it("is heard whole and in order, by who hears over one and by who subscribes", async () => {
    await using at = await world();
    using ear = listening(at);
    const subscribed: unknown[] = [];
    using _ = at.bus.subscribe("test.often.*", (data) => subscribed.push(data));
    using line = (await at.another()).openLine();
    const words = Array.from({ length: 50 }, (__, index) => `{"text":"ünïcode ${index}"}`);
    await eventually("the lines are there", () => {
      line.publish("test.often.begun", "0");
      return ear.texts.length > 0;
    });
    for (const word of words) line.publish("test.often.a", word);
    const wanted = words.map((word) => `test.often.a ${word}`);
    await eventually(
      "everything is heard",
      () => ear.texts.filter((text) => text.includes("often.a")).length === wanted.length,
    );
    expect(ear.texts.filter((text) => text.includes("often.a"))).toEqual(wanted);
    // What came at once was taken at once, and nothing else.
    expect(ear.takes.at(-1)).toBe(ear.texts.length);
    expect(ear.takes.toSorted((one, other) => one - other)).toEqual([...new Set(ear.takes)]);
    await eventually("everything is heard by others", () => subscribed.length === ear.texts.length);
  });

  it("is heard and taken again after the server was away", async () => {
    await using at = await world();
    using ear = listening(at);
    using line = (await at.another()).openLine();
    const heardNow = async () => {
      const before = ear.texts.length;
      await eventually("something is heard", () => {
        line.publish("test.often.a", "1");
        return ear.texts.length > before;
      });
    };
    await heardNow();
    await at.nats.server.down();
    const takes = ear.takes.length;
    await at.nats.server.up();
    await heardNow();
    expect(ear.takes.length).toBeGreaterThan(takes);
  });
});

describe("a connection over which nothing is said", () => {
  it("tells the server all the same that somebody is there", async () => {
    await using at = await world();
    const heard: unknown[] = [];
    using _ = at.bus.subscribe(awakeSubject, (data) => heard.push(data));
    await at.another();
    await eventually("something is sent each second", () => heard.length >= 2);
  });
});
