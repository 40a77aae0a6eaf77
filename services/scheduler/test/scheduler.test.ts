import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { group, host, network } from "./documents.ts";
import { labByHand } from "./lab-by-hand.ts";
import type { LabByHand, Placement } from "./lab-by-hand.ts";

let lab: LabByHand;
beforeAll(async () => {
  lab = await labByHand();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Two do not fit on one node, so that the spread does not hang on which node is seen first. */
const wide = { resources: { cpu: "1.5" } };

/** The placements once they are as asked. */
function placements(
  what: string,
  holds: (all: ReadonlyMap<string, Placement>) => boolean,
): Promise<ReadonlyMap<string, Placement>> {
  return eventually(what, () => (holds(lab.placements) ? lab.placements : undefined));
}
const shards = (all: ReadonlyMap<string, Placement>) =>
  [...all.keys()].filter((key) => key.startsWith("demo.shard."));

describe("published intents", () => {
  it("wait for nodes, and are then spread over them", async () => {
    await lab.apply(
      network("inside", "10.1.0.0/16"),
      network("outside", "10.2.0.0/16"),
      group(3, wide),
      host("w", "sleep"),
    );
    for (const node of ["node-1", "node-2", "node-3"]) await lab.node(node);
    const all = await placements("three shards and a workload", (now) => now.size === 5);
    expect([...all.keys()].toSorted()).toEqual([
      "demo.group.fw",
      "demo.shard.fw-0",
      "demo.shard.fw-1",
      "demo.shard.fw-2",
      "demo.workload.w",
    ]);
    expect(new Set(shards(all).map((key) => all.get(key)?.node)).size).toBe(3);
    expect(all.get("demo.workload.w")?.interfaces?.[0]?.addresses).toEqual(["10.1.0.2/16"]);
    for (const [key, placement] of all) if (placement.kind !== "group") await lab.realize(key, placement);
  });

  it("scaled in, the last shards must leave, and are forgotten when they are gone and own no slot", async () => {
    const owners = Array.from({ length: 256 }, () => "fw-2");
    const slots = { tenant: "demo", group: "fw", groupUid: "u", version: 1, owners, handoffs: [] };
    await lab.put("weft_slots", "demo.fw", slots);
    await lab.apply(group(1, wide));
    await placements("fw-1 and fw-2 leave", (now) =>
      ["demo.shard.fw-1", "demo.shard.fw-2"].every((key) => now.get(key)?.leaving === true),
    );
    await lab.remove("weft_realized", "demo.shard.fw-1");
    await lab.remove("weft_realized", "demo.shard.fw-2");
    const all = await placements("fw-1 is forgotten", (now) => !now.has("demo.shard.fw-1"));
    expect(all.has("demo.shard.fw-2")).toBe(true); // it owns slots
    await lab.put("weft_slots", "demo.fw", { ...slots, version: 2, owners: owners.map(() => "fw-0") });
    await placements("fw-2 is forgotten", (now) => !now.has("demo.shard.fw-2"));
  });

  it("scaled out again, names that were used before are used again", async () => {
    await lab.apply(group(2, wide));
    await placements("fw-1 is placed again", (now) => now.get("demo.shard.fw-1")?.leaving === false);
  });

  it("a changed workload leaves, and comes again under its name when it is gone", async () => {
    const before = lab.placements.get("demo.workload.w")?.uid;
    await lab.apply(host("w", "watch"));
    await placements("the old one leaves", (now) => now.get("demo.workload.w")?.leaving === true);
    await lab.remove("weft_realized", "demo.workload.w");
    const all = await placements("the new one", (now) => now.get("demo.workload.w")?.leaving === false);
    expect(all.get("demo.workload.w")?.uid).not.toBe(before);
  });

  it("go on when the leading scheduler is killed", async () => {
    const [leader] = lab.schedulers;
    await leader?.down();
    await lab.apply(group(2, { ...wide, config: { default: "accept" } }));
    await placements(
      "the new configuration is placed",
      (now) => now.get("demo.shard.fw-0")?.generation === 4,
    );
  });

  it("deleted, leave nothing behind", async () => {
    await lab.put("weft_slots", "demo.fw", {
      tenant: "demo",
      group: "fw",
      groupUid: "u",
      version: 3,
      owners: Array.from({ length: 256 }, () => null),
      handoffs: [],
    });
    await lab.delete("FunctionGroup", "fw");
    await lab.delete("Workload", "w");
    await lab.remove("weft_realized", "demo.shard.fw-0");
    await placements("nothing is placed", (now) => now.size === 0);
  });
});
