/**
 * Databases that lose their data under a running lab: each node's Open vSwitch, OVN's two, NATS. What can be written again is;
 * what runs goes on, and packets with it. An empty bus takes nothing down until an operator says so.
 */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connectBus } from "@weft/bus";
import { labFolder } from "@weft/lab";
import { createLog } from "@weft/runtime";
import type { NodeRecord } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { done } from "./command-line.ts";
import { endpoints, nbctl } from "./lab-endpoints.ts";
import { processesOf } from "./processes.ts";
import { RepairWorld } from "./repair-world.ts";
import { differences, stockOf } from "./stock.ts";
import type { Stock } from "./stock.ts";

const patience = { withinMs: 60_000 };
const inLab = (...parts: string[]) => path.join(labFolder(), ...parts);
let world: RepairWorld;

beforeAll(async () => {
  world = await RepairWorld.open(2);
  await eventually("packets pass", () => world.passes(), patience);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

function killAll(text: string, namespace?: string): void {
  const pids = processesOf(text, namespace);
  expect(pids).not.toEqual([]);
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

async function namesAreBack(before: Stock): Promise<boolean> {
  const now = await stockOf();
  return [...before.keys()].every((name) => now.has(name));
}

const passesAgain = () => eventually("packets pass", () => world.passes(), patience);

describe("a database that is lost", () => {
  it("of a node's Open vSwitch: its placements are wired again, and keep running", async () => {
    const before = await stockOf();
    rmSync(inLab("node-1", "conf.db"));
    killAll("ovsdb-server ", "weft-node-1");
    const rewired = async () => {
      const now = await stockOf();
      const [port] = [...before.keys()].filter((name) => name.startsWith("port node-1 weft-"));
      return port !== undefined && now.has(port) && now.get(port) !== before.get(port);
    };
    await eventually("its ports are there again", rewired, patience);
    await eventually("all of them", () => namesAreBack(before), patience);
    await passesAgain();
    const others = differences(before, await stockOf()).filter((line) => !/^(port|link) node-1 /.test(line));
    const probes = (await world.probeNamespaces("fw-docker-0")).concat(
      await world.probeNamespaces("fw-namespace-0"),
    );
    expect(others.filter((line) => !probes.some((name) => line.startsWith(`namespace ${name} `)))).toEqual(
      [],
    );
  });

  it("of OVN's north: every row is written again, and nothing on the nodes is touched", async () => {
    const before = await stockOf();
    rmSync(inLab("central", "nb.db"));
    killAll("nb.sock");
    await eventually("rows are there again", () => namesAreBack(before), patience);
    await passesAgain();
    expect(differences(before, await stockOf()).filter((line) => !line.startsWith("Logical_"))).toEqual([]);
  });

  it("of OVN's south: it is compiled again from the north, where no row is touched", async () => {
    const before = await stockOf();
    rmSync(inLab("central", "sb.db"));
    killAll("sb.sock");
    const bound = async () =>
      (
        await done(
          "ovn-sbctl",
          `--db=${endpoints().southbound}`,
          "--bare",
          "--columns=name",
          "list",
          "chassis",
        )
      ).includes("node-2");
    await eventually("chassis are there again", bound, patience);
    await passesAgain();
    // Tunnels are ovn-controller's own.
    const others = differences(before, await stockOf()).filter((line) => !/^port node-\d ovn-/.test(line));
    expect(others).toEqual([]);
  });
});

describe("one bucket that is lost while the others stay", () => {
  it.each([
    { name: "placements", by: ["scheduler", "network-stitcher"] },
    { name: "intents", by: ["scheduler", "network-stitcher"] },
    { name: "access", by: ["scheduler"] },
  ])("of $name: nothing is taken down, and packets pass", async ({ name, by }) => {
    const before = await stockOf();
    const bus = await connectBus({
      url: endpoints().nats,
      name: "lost stores test",
      log: createLog("test", "silent"),
    });
    await (await jetstreamManager(bus.connection)).streams.delete(`KV_weft_${name}`);
    const told = (service: string) => saidByACopy(service, "Lost and made anew", `weft_${name}`);
    for (const service of by) await eventually(`${service} says so`, () => told(service), patience);
    if (name !== "intents") {
      const nodes = await bus.view("nodes");
      const faults = () =>
        [...nodes.entries().values()].filter(({ value }) => value.fault?.message.includes(`weft_${name}`));
      await eventually("every agent says so", () => faults().length === 2, patience);
    }
    await bus.close();
    expect(await world.stillPasses()).toBe(true);
    expect(differences(before, await stockOf())).toEqual([]);
  });
});

describe("a bus that comes back empty", () => {
  let before: Stock;

  it("takes nothing down: agents stand still and say so, and packets pass", async () => {
    before = await stockOf();
    rmSync(inLab("nats", "data"), { recursive: true });
    killAll("nats-server --config");
    const log = createLog("test", "silent");
    const bus = await connectBus({ url: endpoints().nats, name: "lost stores test", log });
    const nodes = await bus.view("nodes");
    const faultOf = ({ fault }: NodeRecord) => fault?.code;
    const faults = () => [...nodes.entries().values()].map(({ value }) => faultOf(value));
    await eventually("both agents say so", () => faults().join() === "store-lost,store-lost", patience);
    const told = () => saidByACopy("network-stitcher", "The records come from another store");
    await eventually("the stitcher says so", told, patience);
    await bus.close();
    expect(await world.stillPasses()).toBe(true);
    expect(differences(before, await stockOf())).toEqual([]);
  });

  it("is acted on once an operator says so", async () => {
    for (const node of ["node-1", "node-2"]) rmSync(inLab(node, "agent", "store.json"));
    await nbctl("remove", "NB_Global", ".", "external_ids", "weft-store");
    const left = async () =>
      [...(await stockOf()).keys()].filter((name) => /weft-repair-|weft\.repair\./.test(name));
    await eventually("nothing of it is left", async () => (await left()).length === 0, patience);
  });
});

/** All of it in one line: other lines name buckets too. */
function saidByACopy(service: string, ...texts: readonly string[]): boolean {
  const lines = [service, `${service}-2`].flatMap((name) => textOf(name).split("\n"));
  return lines.some((line) => texts.every((text) => line.includes(text)));
}

function textOf(name: string): string {
  return readFileSync(inLab("logs", `${name}.log`), "utf8");
}
