/**
 * The loop of uplinks on a real bus, with a switch that refuses one bridge, or one mapping for a while: the fault is all
 * that is made up.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectBus } from "@weft/bus";
import { createLog, systemClock } from "@weft/runtime";
import { eventually, startNats } from "@weft/testkit";
import type { UplinkPlacement } from "@weft/schemas";
import { recordKey, uplinkKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { AgentPorts } from "../src/index.ts";
import { StoreMemory } from "../src/store-memory.ts";
import { keepUplinks } from "../src/uplink/uplinks.ts";

const uplink: UplinkPlacement = {
  kind: "uplink",
  tenant: "demo",
  name: "lan",
  intentUid: "u",
  intentRevision: 1,
  generation: 1,
  interface: "lo", // every machine has it, and here a bridge that is made up holds it
  physicalNetwork: "weft-lo",
  nodes: ["node-1"],
  active: null,
};

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
  const mappings = new Map<string, string>();
  const asked: string[] = [];
  const refusing = new Set([refused]);
  const mayDo = (name: string) => {
    asked.push(name);
    if (refusing.has(name)) throw new Error("the switch refuses");
  };
  const uplinkSwitch = {
    changed: { subscribe: () => () => {} },
    look: () => ({
      bridges: [
        { name: "br-host", madeFor: undefined, ports: [{ name: "lo", down: false }] },
        ...[...bridges].map((name) => ({ name, madeFor: `link of ${name}`, ports: [] })),
      ],
      mappings,
    }),
    removeBridge: async (name: string) => {
      mayDo(name);
      bridges.delete(name);
    },
    mapNetwork: async (physicalNetwork: string, bridge: string) => {
      mayDo(physicalNetwork);
      mappings.set(physicalNetwork, bridge);
    },
  };
  const ports = { bus, views, uplinkSwitch, clock: systemClock(), log };
  const loop = keepUplinks("node-1", new StoreMemory(folder), ports as unknown as AgentPorts);
  await loop.start();
  open.defer(() => loop.stop());
  return { bus, views, bridges, asked, refusing, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("a bridge that the switch refuses to remove", () => {
  it("keeps no other from being removed, and is tried again", async () => {
    await using at = await world("weft-up-1");
    await eventually("the other one is gone", () => !at.bridges.has("weft-up-2"));
    await eventually("it is tried again", () => at.asked.filter((name) => name === "weft-up-1").length > 1);
    expect([...at.bridges]).toEqual(["weft-up-1"]);
  });
});

describe("a physical segment that the switch refuses to connect", () => {
  it("says so in its record while it is tried again, and no more once it is connected", async () => {
    await using at = await world("weft-lo");
    await at.bus.put("placements", recordKey("uplink", "demo", "lan"), uplink);
    const told = () => at.views.realized.get(uplinkKey("demo", "lan", "node-1"))?.value;
    const message = "it cannot be mapped to its bridge: the switch refuses";
    await eventually("it is told", () => told()?.fault?.message === message);
    expect(told()?.state).toBe("failed");
    const tried = at.asked.length;
    await eventually("it is tried again", () => at.asked.length > tried);
    at.refusing.clear();
    await eventually("it is connected", () => told()?.state === "running");
    expect(told()?.fault).toBeUndefined();
  });
});
