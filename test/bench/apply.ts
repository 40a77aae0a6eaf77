/**
 * `npm run bench -- apply`: a firewall of four docker shards applied to running networks, beside four bare containers.
 * Starts a lab of three nodes; needs root and no lab running. Documents and clients are in apply/.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Clients } from "./apply/clients.ts";
import { applied, clientNames, image, port, serverAddress, shards, standing } from "./apply/edge.ts";
import type { Bench } from "./harness/bench.ts";
import { interleaved, seconds, timed } from "./harness/measure.ts";
import { LabBus, valuesOf } from "./lab/lab-bus.ts";

const run = promisify(execFile);

export const bench: Bench = {
  name: "apply",
  compares:
    "from apply's reply to the first byte through all four docker shards of a group that is applied with its chain: networks, clients, " +
    "server and image are there, clients knock all the time, and an answer counts once each slot has the shard that is to own it; with " +
    "four `docker run --detach --network none` of the same image at once, until all of them run",
  bounds: [{ figure: "first byte through four shards", times: 1.5, of: "four bare containers", plus: 0.5 }],
  measure: async (say) => {
    say("a lab of three nodes");
    await using lab = await LabBus.start(3);
    await lab.apply(standing);
    await lab.until("the clients", () => {
      const programmed = valuesOf(lab.stitched).filter(({ state }) => state === "programmed");
      return programmed.filter(({ kind }) => kind === "workload").length === shards + 1;
    });
    const runs = await interleaved(
      { rounds: 7 },
      {
        "first byte through four shards": () => throughAllShards(lab),
        "four bare containers": bareContainers,
      },
    );
    return { figures: seconds(runs) };
  },
};

/** Seconds. */
async function throughAllShards(lab: LabBus): Promise<number> {
  const namespaces = clientNames.map((name) => lab.namespaceOf(name));
  using clients = await Clients.start(namespaces, serverAddress, port);
  await lab.apply(applied);
  const repliedAt = performance.timeOrigin + performance.now();
  if (clients.answered()) throw new Error("clients were answered before there was a shard");
  // The record follows the network: an owner in it is one that every chassis sends to.
  await lab.until("four owners", () =>
    valuesOf(lab.slots).some(({ owners }) => !owners.includes(null) && new Set(owners).size === shards),
  );
  const answeredAt = await clients.allAnsweredSince(performance.timeOrigin + performance.now());
  await lab.delete(applied);
  await lab.until("nothing of it is left", () => {
    const kinds = [...valuesOf(lab.placements), ...valuesOf(lab.realized), ...valuesOf(lab.stitched)];
    return !kinds.some(({ kind }) => kind === "shard" || kind === "group" || kind === "chain");
  });
  return (answeredAt - repliedAt) / 1_000;
}

async function bareContainers(): Promise<number> {
  const names = Array.from({ length: shards }, (_, index) => `weft-bench-bare-${index}`);
  try {
    return await timed(() =>
      Promise.all(
        names.map((name) => run("docker", ["run", "--detach", "--name", name, "--network", "none", image])),
      ),
    );
  } finally {
    await run("docker", ["rm", "--force", ...names]);
  }
}
