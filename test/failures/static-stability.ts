/**
 * A lab without a control plane: all services, agents, NATS, Consul, ovn-northd and both of OVN's databases are killed under traffic, stay
 * dead for a while and come back. Says what the traffic lost meanwhile, and what is another thing once the control plane has done something again.
 */
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@weft/testkit";
import { weftDone } from "../lab/command-line.ts";
import { labPrograms } from "../lab/lab-programs.ts";
import { endpoints } from "../lab/lab-endpoints.ts";
import type { MovingWorld } from "../traffic/moving-world.ts";
import { tenant } from "../traffic/moving-documents.ts";
import type { Summary } from "../traffic/summary.ts";
import { HeldDown } from "./held-down.ts";
import { calledDeadSince, changesOf, standingOf } from "./standing.ts";
import type { Changes } from "./standing.ts";

const patience = { withinMs: 120_000 };
/** What was sent in a window and comes at all has come by then. */
const underWayMs = 2_000;
/** Of the traffic programs. */
export const windows = { control: 1, dead: 2, back: 3, after: 4 } as const;

export interface StabilityReport extends Changes {
  readonly killed: readonly string[];
  readonly backMs: number;
  readonly calledDead: readonly string[];
  readonly traffic: Readonly<Record<string, Summary>>;
}

/** Not what forwards: Open vSwitch and its databases, ovn-controller; nor Docker's daemon, which is the host's. */
export function controlPlane() {
  const path = /^(ovs-vswitchd|ovn-controller|the database) |^Docker's daemon$/;
  return labPrograms(endpoints().nodes.map(({ name }) => name)).filter(({ name }) => !path.test(name));
}

/** The control window is as long as the one without a control plane. */
export async function withoutControlPlane(
  world: MovingWorld,
  deadMs: number,
  say: (line: string) => void = () => undefined,
): Promise<StabilityReport> {
  say("nothing happens");
  await world.traffic.window(windows.control);
  await delay(deadMs);
  const before = await standingOf(world);
  const since = new Date().toISOString();
  const programs = controlPlane();
  await world.traffic.window(windows.dead);
  using held = HeldDown.kill(programs);
  say(`${programs.length} programs are dead`);
  await delay(deadMs);
  if (held.alive().length > 0) throw new Error(`alive: ${held.alive().join(", ")}`);
  await world.traffic.window(windows.back);
  const from = performance.now();
  held[Symbol.dispose]();
  await eventually("all programs run again", () => held.runAgain(), patience);
  await acts(world);
  const backMs = performance.now() - from;
  say(`back after ${Math.round(backMs)} ms`);
  const after = await standingOf(world);
  await world.traffic.window(windows.after);
  await world.traffic.speak();
  await delay(underWayMs);
  return {
    ...changesOf(before, after),
    killed: programs.map(({ name }) => name),
    backMs,
    calledDead: await calledDeadSince(since),
    traffic: await world.traffic.summary(),
  };
}

/** It takes a workload in, places it, makes it and calls it ready: every part of it is at work again. */
async function acts(world: MovingWorld): Promise<void> {
  const document = {
    kind: "Workload",
    metadata: { name: "extra", tenant },
    spec: { command: ["sleep", "infinity"], networks: [{ network: "inside" }] },
  };
  const accepted = () =>
    world.lab.apply([document]).then(
      () => true,
      () => false,
    );
  await eventually("an intent is accepted", accepted, patience);
  await eventually("both gateways are ready", gatewaysReady, patience);
  await weftDone("wait", "workload/extra", "--for", "ready", "--timeout", "60s", "--tenant", tenant);
}

/** Services come back one by one: intent may accept while nothing listens at a gateway's address yet. */
async function gatewaysReady(): Promise<boolean> {
  const isReady = (url: string) =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  return (await Promise.all((endpoints().gateways ?? []).map(isReady))).every(Boolean);
}

/** Datagrams of a window that never came, and messages of connections that had no answer. */
export function lostIn(traffic: Readonly<Record<string, Summary>>, window: number): number {
  return ["tcp", "udp", "push"].reduce((sum, name) => sum + Math.max(0, traffic[name]?.lost[window] ?? 0), 0);
}
