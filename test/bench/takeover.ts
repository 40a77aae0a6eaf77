/**
 * `npm run bench -- takeover`: how long nobody is there when a copy of a service is killed, or stands still.
 * Starts a lab of one node. For services with a leader, from the signal until the other copy holds the lock; for those of which
 * both copies are active, from the request of a client until its answer, with one copy standing still.
 */
import { WeftClient } from "@weft/client";
import { leaderOf } from "@weft/consul";
import { labStatus, startLab, stopLab } from "@weft/lab";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { activeCopy, copies } from "../lab/copies.ts";
import type { Bench, Figure } from "./harness/bench.ts";
import { seconds, timed } from "./harness/measure.ts";

const leading = ["scheduler", "network-stitcher", "health"] as const;
const serving = ["intent", "gateway"] as const;
const rounds = 5;
const longest = 3;
const giveUpMs = 20_000;

export const bench: Bench = {
  name: "takeover",
  compares:
    "scheduler, network-stitcher, health: from SIGKILL or SIGSTOP of the active copy until the other one leads. intent, gateway: a " +
    "client's request, from its start to its answer, while one of both copies stands still",
  bounds: [
    ...leading.flatMap((service) => [`${service} killed`, `${service} stopped`]),
    ...serving.map((service) => `${service} stopped`),
  ].map((figure) => ({ figure, plus: longest, by: "worst" as const })),
  measure: async (say) => {
    await startLab({ nodes: 1, onStep: say });
    try {
      const figures: Record<string, Figure> = {};
      for (const service of leading)
        for (const [how, signal] of [
          ["killed", "SIGKILL"],
          ["stopped", "SIGSTOP"],
        ] as const) {
          say(`${service} ${how}`);
          const runs: number[] = [];
          for (let round = 0; round < rounds; round += 1) runs.push(await takeover(service, signal));
          Object.assign(figures, seconds({ [`${service} ${how}`]: runs }));
        }
      for (const service of serving) {
        say(`${service} stopped`);
        const runs: number[] = [];
        for (let round = 0; round < rounds; round += 1) runs.push(await answered(service, round));
        Object.assign(figures, seconds({ [`${service} stopped`]: runs }));
      }
      return { figures };
    } finally {
      await stopLab();
    }
  },
};

async function takeover(service: (typeof leading)[number], signal: "SIGKILL" | "SIGSTOP"): Promise<number> {
  await until(`${service} has a leader and a standby`, async () => {
    const found = await copies(service);
    return found.length === 2 && found.some(({ leader }) => leader);
  });
  const { id, pid } = await activeCopy(service);
  const { consul } = endpoints();
  process.kill(pid, signal);
  try {
    return await timed(() =>
      until(`another copy of ${service} leads`, async () => {
        const leader = await leaderOf(consul, service);
        return leader !== undefined && leader !== id;
      }),
    );
  } finally {
    if (signal === "SIGSTOP") process.kill(pid, "SIGCONT");
  }
}

/** Both copies in turn: the bus and the client's order of preference would hide one of them. */
async function answered(service: (typeof serving)[number], round: number): Promise<number> {
  await until(`both copies of ${service} are there`, async () => (await copies(service)).length === 2);
  const still = (await copies(service))[round % 2];
  if (still === undefined) throw new Error(`there is no copy of ${service}`);
  const { gateways = [], tokenFile } = endpoints();
  const client = new WeftClient({ url: gateways.join(","), token: readFileSync(tokenFile, "utf8").trim() });
  const network = {
    kind: "Network",
    metadata: { name: "bench", tenant: "bench" },
    spec: { subnets: [`10.9.${round}.0/24`] },
  };
  process.kill(still.pid, "SIGSTOP");
  try {
    return await timed(() => client.apply([network]));
  } finally {
    process.kill(still.pid, "SIGCONT");
  }
}

function endpoints() {
  const found = labStatus()?.endpoints;
  if (found === undefined) throw new Error("the lab is not up");
  return found;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + giveUpMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${giveUpMs} ms`);
    await delay(10);
  }
}
