/**
 * Every process of a lab is killed by SIGKILL in turn, with nothing to do and in the middle of an apply. It comes back, the world
 * converges, packets pass, and no container, namespace, link, port or row is another thing than before.
 */
import path from "node:path";
import { extent, eventually } from "@weft/testkit";
import { labFolder } from "@weft/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerAnswers } from "../../setup/dockerd.mjs";
import { applyText, done, run, yamlOf } from "./command-line.ts";
import type { LabProgram } from "./lab-programs.ts";
import { labPrograms } from "./lab-programs.ts";
import { endpoints } from "./lab-endpoints.ts";
import { processesOf } from "./processes.ts";
import { RepairWorld, ready, tenant } from "./repair-world.ts";
import { differences, stockOf } from "./stock.ts";
import type { Stock } from "./stock.ts";

const patience = { withinMs: 60_000 };
let world: RepairWorld;

beforeAll(async () => {
  world = await RepairWorld.open(2);
  await eventually("packets pass", () => world.passes(), patience);
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

/** A daemon that answers before the lab is up is used by it and not its own: nobody here would bring it back. */
const daemonOfOthers = await dockerAnswers();
const victims = labPrograms(["node-1", "node-2"]).filter(
  ({ name }) => !daemonOfOthers || name !== "Docker's daemon",
);

/** Kills all of them, and resolves once as many others run. */
async function kill({ name, text, namespace }: LabProgram): Promise<void> {
  const before = processesOf(text, namespace);
  expect(before, name).not.toEqual([]);
  for (const pid of before) process.kill(pid, "SIGKILL");
  await eventually(
    `${name} runs again`,
    () => {
      const now = processesOf(text, namespace).filter((pid) => !before.includes(pid));
      return now.length === before.length;
    },
    patience,
  );
}

async function settled(): Promise<void> {
  await eventually("the chain is ready", async () => (await ready("chain/edge")) !== undefined, patience);
  await eventually("packets pass", () => world.passes(), patience);
}

describe("with nothing to do", () => {
  let first: Stock;
  beforeAll(async () => void (first = await stockOf()));

  it.each(victims)("$name may be killed, and nothing is made anew", async (victim) => {
    const before = await stockOf();
    await kill(victim);
    await settled();
    expect(differences(before, await stockOf())).toEqual([]);
  });

  it("all may have been killed, and everything is what it was at first", async () => {
    expect(differences(first, await stockOf())).toEqual([]);
  });
});

describe("tunnels between nodes", () => {
  const [near, far] = ["node-1", "node-2"] as const;
  const addressOf = (node: string) => endpoints().nodes.find(({ name }) => name === node)?.address ?? "";
  /** MAC address that a node's kernel, or its Open vSwitch, has for another one; undefined where it has none. */
  const known = async (node: string, other: string) => {
    const inKernel = await done("ip", "-n", `weft-${node}`, "neighbor", "show", "to", addressOf(other));
    return /lladdr (\S+)/.exec(inKernel)?.[1];
  };
  const inSwitch = async (node: string, other: string) => {
    const control = path.join(labFolder(), node, "vswitchd.ctl");
    const table = (await run("ovs-appctl", ["-t", control, "tnl/arp/show"])).stdout;
    return table
      .split("\n")
      .find((line) => line.startsWith(`${addressOf(other)} `))
      ?.split(/\s+/)[1];
  };
  const bridgeOf = async (node: string) =>
    /link\/ether (\S+)/.exec(await done("ip", "-n", `weft-${node}`, "link", "show", "br-phy"))?.[1];

  it("end at the bridge alone: while its switch stands still, nobody is told another MAC address for a node", async () => {
    const [pid] = processesOf("ovs-vswitchd ", `weft-${far}`);
    if (pid === undefined) throw new Error(`no ovs-vswitchd on ${far}`);
    process.kill(pid, "SIGSTOP");
    try {
      await done("ip", "-n", `weft-${near}`, "neighbor", "flush", "to", addressOf(far));
      const asked = await run("ip", [
        "netns",
        "exec",
        `weft-${near}`,
        "ping",
        "-c",
        "1",
        "-W",
        "0.5",
        addressOf(far),
      ]);
      expect(asked.code).not.toBe(0);
      expect(await known(near, far)).toBeUndefined();
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await settled();
  });

  it("are there again after both switches, the southbound database, an agent and a gateway were killed in one moment", async () => {
    const together = [...victims].filter(({ name }) =>
      /^(ovs-vswitchd of|the southbound|the agent of node-1|both copies of gateway)/.test(name),
    );
    expect(together).toHaveLength(5);
    const before = await stockOf();
    await Promise.all(together.map(kill));
    await settled();
    for (const [node, other] of [
      [near, far],
      [far, near],
    ] as const)
      expect(await inSwitch(node, other), `${other}, as ${node} knows it`).toBe(await bridgeOf(other));
    expect(differences(before, await stockOf())).toEqual([]);
  });
});

describe("in the middle of an apply", () => {
  const some = [
    "both copies of scheduler",
    "both copies of network-stitcher",
    "the agent of node-1",
    "NATS",
    "the northbound database",
    "the database of node-1",
    "Docker's daemon",
  ];
  const chosen = extent({ bounded: victims.filter(({ name }) => some.includes(name)), full: victims });
  const extra = (index: number) => ({
    kind: "Workload",
    metadata: { name: `extra-${index}`, tenant },
    spec: {
      node: index % 2 === 0 ? "node-1" : "node-2",
      command: ["sleep", "infinity"],
      networks: [{ network: "inside" }],
      ...(index % 3 === 0 ? { runtime: "docker", image: "weft/firewall:dev" } : { runtime: "namespace" }),
    },
  });

  it.each(chosen.map((victim, index) => ({ ...victim, index })))(
    "$name may be killed: what was asked for comes, and nothing else is made anew",
    async ({ index, ...victim }) => {
      const before = await stockOf();
      const text = yamlOf([extra(2 * index), extra(2 * index + 1)]);
      const applied = applyText(text);
      await kill(victim);
      // One that was refused or lost its answer is asked for again, as a user would.
      if ((await applied).code !== 0)
        await eventually("it is accepted", async () => (await applyText(text)).code === 0, patience);
      for (const at of [2 * index, 2 * index + 1]) await ready(`workload/extra-${at}`);
      await settled();
      const others = differences(before, await stockOf()).filter((line) => !line.endsWith(" is new"));
      expect(others).toEqual([]);
    },
  );
});
