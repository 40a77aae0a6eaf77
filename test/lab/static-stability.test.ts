/**
 * All of the control plane dies under traffic and stays dead: traffic goes on, new connections open. It comes back and nothing is made
 * anew, no flow passes another shard, nothing was called dead. The same eyes see a switch that dies and a scale without a handoff.
 */
import { eventually, extent } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HeldDown } from "../failures/held-down.ts";
import { calledDeadSince, changesOf, standingOf } from "../failures/standing.ts";
import { lostIn, windows, withoutControlPlane } from "../failures/static-stability.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";
import { labPrograms } from "./lab-programs.ts";

const load: Load = { addresses: 64, tcp: 128, silent: 32, udp: 64, push: 32, everyMs: 250 };
const deadMs = extent({ bounded: 8_000, full: 60_000 });
const nodes = 2;
let world: MovingWorld;

beforeAll(async () => {
  world = await MovingWorld.open(nodes, { replicas: 2, runtime: "docker" });
  await world.start(load);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

describe("without a control plane", () => {
  it("traffic goes on, and on its return nothing is made anew and no flow passes another shard", async () => {
    const report = await withoutControlPlane(world, deadMs);
    expect(report.killed.length).toBe(10 + nodes);
    expect(report.compared).toBeGreaterThanOrEqual(load.tcp + load.silent + load.udp);
    expect({
      flows: report.flows,
      things: report.things,
      calledDead: report.calledDead,
    }).toEqual({ flows: [], things: [], calledDead: [] });
    for (const name of ["tcp", "silent", "udp", "push", "new"])
      expect(report.traffic[name], name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0 });
    expect(report.traffic["udp"]?.sent[windows.dead]).toBeGreaterThan(load.udp);
    const lost = (window: number) => lostIn(report.traffic, window);
    expect(lost(windows.dead)).toBeLessThanOrEqual(lost(windows.control));
  });
});

describe("the same counts", () => {
  it("tell of a switch that is dead, and of a flow that passes another shard", async () => {
    const before = await standingOf(world);
    await world.change({ replicas: 3, runtime: "docker", drain: "0s" });
    await eventually("a flow passes another shard", async () => {
      const { flows, things } = changesOf(before, await standingOf(world));
      return flows.length > 0 && things.some((line) => line.startsWith("slots "));
    });
    const since = new Date().toISOString();
    await world.traffic.window(windows.dead);
    // Of one node: the silence of both would be disbelieved.
    const programs = labPrograms(["node-1"]).filter(({ name }) => name.startsWith("ovs-vswitchd "));
    using held = HeldDown.kill(programs);
    const called = async () => (await calledDeadSince(since)).length > 0;
    await eventually("it is called dead", called, { withinMs: 30_000 });
    held[Symbol.dispose]();
    expect(lostIn(await world.traffic.summary(), windows.dead)).toBeGreaterThan(load.udp);
  });
});
