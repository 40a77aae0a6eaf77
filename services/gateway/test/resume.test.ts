/** Watches and followed events over restarts of the gateway and of NATS: no row and no event is lost, none comes twice. */
import type { WatchEvent } from "@weft/client";
import type { Resource } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { network } from "./records.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const disturbances: [what: string, disturb: () => Promise<void>][] = [
  ["the gateway is replaced", () => edge.restart()],
  ["nats-server is killed and comes back", () => edge.nats.restart()],
];

const labelled = (name: string, n: number) => {
  const { kind, metadata } = network(name);
  const subnet = `10.${name.charCodeAt(0)}.${name.length}.0/24`;
  return { kind, metadata: { ...metadata, labels: { n: `${n}` } }, spec: { subnets: [subnet] } };
};
const apply = (...documents: unknown[]) =>
  eventually("an apply", () => edge.client.apply(documents).then(() => true), { withinMs: 20_000 });
const remove = (name: string) =>
  eventually(
    "a deletion",
    async () => {
      await edge.client.remove("Network", "demo", name).catch(() => undefined);
      return edge.client.get("Network", "demo", name).then(
        () => false,
        (error: { code?: string }) => error.code === "not-found",
      );
    },
    { withinMs: 20_000 },
  );

const until = (told: readonly string[], line: string) =>
  eventually(line, () => told.includes(line), { withinMs: 20_000 });

describe("a watch", () => {
  it.each(disturbances)("tells each state once and in order although %s in between", async (_, disturb) => {
    const told: string[] = [];
    const stop = new AbortController();
    const watching = follow(edge.client.watch("Network", "demo", undefined, stop.signal), told);
    await apply(labelled("a", 1), labelled("b", 1));
    await until(told, "ADDED b 1");
    await disturb();
    await apply(labelled("a", 2));
    await until(told, "MODIFIED a 2");
    await remove("b");
    await until(told, "DELETED b 1");
    await disturb();
    await apply(labelled("a", 3));
    await until(told, "MODIFIED a 3");
    await remove("a");
    await until(told, "DELETED a 3");
    stop.abort();
    await watching;
    expect(told.filter((line) => !line.startsWith("ADDED"))).toEqual([
      "SYNCED",
      "MODIFIED a 2",
      "DELETED b 1",
      "MODIFIED a 3",
      "DELETED a 3",
    ]);
    expect(told.filter((line) => line.startsWith("ADDED")).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "ADDED a 1",
      "ADDED b 1",
    ]);
  });

  async function follow(events: AsyncIterable<WatchEvent<Resource>>, told: string[]): Promise<void> {
    try {
      for await (const event of events)
        told.push(
          event.type === "SYNCED"
            ? event.type
            : `${event.type} ${event.item.metadata.name} ${event.item.metadata.labels?.["n"]}`,
        );
    } catch (error) {
      expect(error).toMatchObject({ name: "AbortError" });
    }
  }
});

describe("followed events", () => {
  it.each(disturbances)("come once each and in order although %s in between", async (what, disturb) => {
    const name = what.startsWith("the") ? "e" : "ee";
    const told: string[] = [];
    const stop = new AbortController();
    const following = (async () => {
      try {
        for await (const { data } of edge.client.followEvents({ tenant: "demo", name }, stop.signal))
          told.push(String(data["revision"]));
      } catch (error) {
        expect(error).toMatchObject({ name: "AbortError" });
      }
    })();
    for (let n = 1; n <= 6; n += 1) {
      await apply(labelled(name, n));
      if (n % 3 !== 0) continue;
      await eventually(`event ${n}`, () => told.length === n, { withinMs: 20_000 });
      await disturb();
    }
    await remove(name);
    const all = await eventually(
      "every event is told and kept",
      async () => {
        const kept = (await edge.client.events({ tenant: "demo", name })).map(({ data }) =>
          String(data["revision"]),
        );
        return kept.length >= 7 && told.length >= kept.length && kept;
      },
      { withinMs: 20_000 },
    );
    stop.abort();
    await following;
    expect(told).toEqual(all);
    expect(new Set(told).size).toBe(told.length);
  });

  it("are given after the one that the reader names, and only the last so many without", async () => {
    await apply(...["x", "y", "z"].map((name) => labelled(name, 1)));
    const all = await eventually("three events", async () => {
      const events = await edge.client.events({ tenant: "demo" });
      return events.filter(({ subject }) => /[xyz]$/.test(subject)).length === 3 && events;
    });
    expect(await edge.client.events({ tenant: "demo", limit: 2 })).toEqual(all.slice(-2));
    const ids = await idsOf({});
    expect(ids.length).toBeGreaterThanOrEqual(all.length);
    expect(await idsOf({ "last-event-id": ids.at(-3) ?? "" }, 2)).toEqual(ids.slice(-2));
    expect(await idsOf({ "last-event-id": "999999999" }, ids.length)).toEqual(ids);
  });

  /** Ids of the events that are given at once; so many, or all that are kept. */
  async function idsOf(headers: Record<string, string>, count?: number): Promise<string[]> {
    const wanted = count ?? (await edge.client.events({})).length;
    const { body } = await edge.fetch("/v1/events?follow=true", { headers });
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if ((text.match(/^id: /gm) ?? []).length >= wanted) break;
    }
    return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id ?? "");
  }
});
