/**
 * `npm run bench -- stability`: all services, agents, NATS, Consul, ovn-northd and both of OVN's databases are killed under load and stay dead for a
 * minute. What is lost meanwhile and on their return is held against an equally long stretch of the same run with all of them alive.
 * Then the same eyes look at an ovs-vswitchd that dies and at a scale without a handoff: they must see both.
 */
import { setTimeout as delay } from "node:timers/promises";
import { HeldDown } from "../failures/held-down.ts";
import { changesOf, standingOf } from "../failures/standing.ts";
import { lostIn, windows, withoutControlPlane } from "../failures/static-stability.ts";
import type { StabilityReport } from "../failures/static-stability.ts";
import { labPrograms } from "../lab/lab-programs.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";
import type { Bench, Figure } from "./harness/bench.ts";
import { count } from "./harness/measure.ts";

const load: Load = { addresses: 200, tcp: 400, silent: 100, udp: 200, push: 100, everyMs: 250 };
const deadMs = 60_000;
const nodes = 3;
const runtime = "docker";
const replicas = 4;
/** Long enough to be seen, too short for anything to be called dead. */
const switchDeadMs = 1_000;

export const bench: Bench = {
  name: "stability",
  compares:
    "connections and datagrams through four firewalls on three nodes while all of the control plane is dead for a minute and while it comes back, " +
    "with an equally long stretch of the same run before. Flows are compared by the connection tracking of each shard's kernel, things by their identity",
  bounds: [
    { figure: "lost without a control plane", times: 1, of: "lost, control", by: "worst" },
    { figure: "lost on its return", times: 1, of: "lost, control", by: "worst" },
    { figure: "connections broken or not opened", plus: 0, by: "worst" },
    { figure: "flows that pass another shard", plus: 0, by: "worst" },
    { figure: "things made anew", plus: 0, by: "worst" },
    { figure: "called dead and was not", plus: 0, by: "worst" },
    { figure: "controls that saw nothing", plus: 0, by: "worst" },
  ],
  measure: async (say) => {
    await using world = await MovingWorld.open(nodes, { replicas, runtime });
    await world.start(load);
    const report = await withoutControlPlane(world, deadMs, say);
    for (const line of [...report.things, ...report.calledDead, ...report.flows.slice(0, 5)]) say(line);
    const seen = await controls(world);
    return {
      figures: {
        ...figuresOf(report),
        "lost while one ovs-vswitchd was dead for a second": count(seen.lost),
        "flows that pass another shard after a scale without a handoff": count(seen.flows),
        "controls that saw nothing": count([seen.lost, seen.flows].filter((each) => each === 0).length),
      },
      facts: {
        killed: report.killed.join(", "),
        "dead for, s": deadMs / 1_000,
        "flows compared": report.compared,
        "messages sent without a control plane": sentIn(report, windows.dead),
        "connections opened meanwhile and after": report.traffic["new"]?.opened ?? 0,
        "at work again after, s": Math.round(report.backMs) / 1_000,
        nodes,
        shards: replicas,
      },
    };
  },
};

function figuresOf(report: StabilityReport): Record<string, Figure> {
  const groups = Object.values(report.traffic);
  const total = groups.reduce((sum, { broken, notOpened, wrong }) => sum + broken + notOpened + wrong, 0);
  return {
    "lost, control": count(lostIn(report.traffic, windows.control)),
    "lost without a control plane": count(lostIn(report.traffic, windows.dead)),
    "lost on its return": count(lostIn(report.traffic, windows.back)),
    "connections broken or not opened": count(total),
    "flows that pass another shard": count(report.flows.length),
    "things made anew": count(report.things.length),
    "called dead and was not": count(report.calledDead.length),
  };
}

/** A switch that is dead for a moment loses datagrams, a scale without a handoff moves flows. */
async function controls(world: MovingWorld): Promise<{ lost: number; flows: number }> {
  const window = windows.after + 1;
  await world.traffic.window(window);
  using held = HeldDown.kill(labPrograms(["node-1"]).filter(({ name }) => name.startsWith("ovs-vswitchd ")));
  await delay(switchDeadMs);
  held[Symbol.dispose]();
  await delay(10_000);
  const lost = lostIn(await world.traffic.summary(), window);
  const before = await standingOf(world);
  await world.change({ replicas: replicas + 1, runtime, drain: "0s" });
  await delay(2_000);
  return { lost, flows: changesOf(before, await standingOf(world)).flows.length };
}

function sentIn({ traffic }: StabilityReport, window: number): number {
  return ["tcp", "udp", "push"].reduce((sum, name) => sum + (traffic[name]?.sent[window] ?? 0), 0);
}
