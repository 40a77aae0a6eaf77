/** The bucket of intents is lost alone, under real intent service and schedulers: nothing is sent away until an operator says so. */
import { jetstreamManager } from "@nats-io/jetstream";
import { StoreAccepted, acceptStoreSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { host, network } from "./documents.ts";
import { labByHand } from "./lab-by-hand.ts";
import type { LabByHand } from "./lab-by-hand.ts";

let lab: LabByHand;
beforeAll(async () => {
  lab = await labByHand();
});
afterAll(() => lab[Symbol.asyncDispose]());

const leaving = () => [...lab.placements.values()].map(({ name, leaving: gone }) => `${name} ${gone}`);

async function schedulersSaid(text: string): Promise<boolean> {
  // Both copies are asked: the one that leads has something to say.
  const replies = await lab.connection.requestMany("weft.service.scheduler.logs", "{}", {
    strategy: "count",
    maxMessages: 2,
    maxWait: 2_000,
  });
  for await (const reply of replies) if (reply.string().includes(text)) return true;
  return false;
}

describe("a bucket of intents that is lost alone", () => {
  it("sends nothing away: the scheduler stands still and says so", async () => {
    await lab.node("node-1");
    await lab.apply(network("inside", "10.1.0.0/16"), host("w"));
    await eventually("w is placed", () => lab.placements.size === 1);
    await (await jetstreamManager(lab.connection)).streams.delete("KV_weft_intents");
    await eventually("the scheduler says so", () => schedulersSaid("weft_intents"));
    await lab.apply(network("inside", "10.1.0.0/16"), host("v"));
    expect(leaving()).toEqual(["w false"]);
  });

  it("is acted on once an operator says that it is meant", async () => {
    const reply = await lab.connection.request(acceptStoreSubject, "", { timeout: 5_000 });
    expect(StoreAccepted.parse(reply.json())).toEqual({ accepted: true, buckets: ["weft_intents"] });
    await eventually(
      "w must leave",
      () => leaving().includes("w true") || !leaving().some((each) => each.startsWith("w ")),
    );
    await eventually("v is placed", () => leaving().includes("v false"));
  });
});
