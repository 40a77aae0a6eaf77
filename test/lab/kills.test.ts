/**
 * Every process of a lab is killed by SIGKILL in turn, with nothing to do and in the middle of an apply. It comes back, the world
 * converges, packets pass, and no container, namespace, link, port or row is another thing than before.
 */
import { extent, eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerAnswers } from "../../setup/dockerd.mjs";
import { applyText, yamlOf } from "./command-line.ts";
import type { LabProgram } from "./lab-programs.ts";
import { labPrograms } from "./lab-programs.ts";
import { RepairWorld, differences, processesOf, ready, stockOf, tenant } from "./repair-world.ts";
import type { Stock } from "./repair-world.ts";

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
