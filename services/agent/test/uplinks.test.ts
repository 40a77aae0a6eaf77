/** The loop of uplinks on a real bus, with a switch that refuses one bridge: the fault is all that is made up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectBus } from "@weft/bus";
import { createLog, systemClock } from "@weft/runtime";
import { eventually, startNats } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import type { AgentPorts } from "../src/index.ts";
import { StoreMemory } from "../src/store-memory.ts";
import { keepUplinks } from "../src/uplink/uplinks.ts";

async function world(refused: string) {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), "weft-test-uplinks-"));
  open.defer(() => rmSync(folder, { recursive: true }));
  const nats = open.use(await startNats());
  const log = createLog("agent", "silent");
  const bus = await connectBus({ url: nats.url, name: "test", log });
  open.defer(() => bus.close());
  const views = { placements: await bus.view("placements"), realized: await bus.view("realized") };
  const bridges = new Set(["weft-up-1", "weft-up-2"]);
  const asked: string[] = [];
  const uplinkSwitch = {
    changed: { subscribe: () => () => {} },
    look: () => ({
      bridges: [...bridges].map((name) => ({ name, madeFor: `link of ${name}`, ports: [] })),
      mappings: new Map(),
    }),
    removeBridge: async (name: string) => {
      asked.push(name);
      if (name === refused) throw new Error("the switch refuses");
      bridges.delete(name);
    },
  };
  const ports = { bus, views, uplinkSwitch, clock: systemClock(), log };
  const loop = keepUplinks("node-1", new StoreMemory(folder), ports as unknown as AgentPorts);
  await loop.start();
  open.defer(() => loop.stop());
  return { bridges, asked, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("a bridge that the switch refuses to remove", () => {
  it("keeps no other from being removed, and is tried again", async () => {
    await using at = await world("weft-up-1");
    await eventually("the other one is gone", () => !at.bridges.has("weft-up-2"));
    await eventually("it is tried again", () => at.asked.filter((name) => name === "weft-up-1").length > 1);
    expect([...at.bridges]).toEqual(["weft-up-1"]);
  });
});
