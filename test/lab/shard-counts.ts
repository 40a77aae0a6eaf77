/** What a shard's counters say passed it each way, and what they must say of a payload that somebody sent through it. */
import { expect } from "vitest";
import { readSeries } from "./metrics-world.ts";
import type { Wanted } from "./metrics-world.ts";

export interface Passed {
  readonly bytes: number;
  readonly packets: number;
}

/** Sent in one piece by the tests of either way. */
export const payload = 4_000_000;
/** In frames of at most 1348 bytes each, with 66 of headers. */
const frames = Math.floor(payload / 1348);
export const leastOfPayload: Passed = { bytes: payload + frames * 66, packets: frames };
/** What the counters see beside it: some seconds of probes, and address resolution. */
export const slack: Passed = { bytes: 30_000, packets: 300 };

/** Of what arrived: no less than the payload in its frames, no more than was sent. */
export function expectArrived(arrived: Passed, sent: Passed): void {
  expect(arrived.bytes).toBeGreaterThanOrEqual(leastOfPayload.bytes);
  expect(arrived.packets).toBeGreaterThanOrEqual(leastOfPayload.packets);
  expect(arrived.bytes).toBeLessThan(sent.bytes + slack.bytes);
  expect(arrived.packets).toBeLessThan(sent.packets + slack.packets);
}

/** A counter that is not told is -1. */
export async function countedBy(
  consul: string,
  labels: Wanted["labels"],
): Promise<{ readonly toServer: Passed; readonly toClient: Passed }> {
  const passed = async (direction: string): Promise<Passed> => {
    const of = async (name: string) =>
      (await onlyValue(consul, { name, labels: { ...labels, direction } })) ?? -1;
    return { bytes: await of("weft_shard_bytes_total"), packets: await of("weft_shard_packets_total") };
  };
  return { toServer: await passed("toServer"), toClient: await passed("toClient") };
}

/** Of a series that one agent alone tells; undefined while nobody does. */
export async function onlyValue(consul: string, wanted: Wanted): Promise<number | undefined> {
  const [found, ...more] = await readSeries(consul, "agent", wanted);
  expect(more).toEqual([]);
  return found?.value;
}

export function difference(now: Passed, before: Passed): Passed {
  return { bytes: now.bytes - before.bytes, packets: now.packets - before.packets };
}
