/**
 * `npm run bench -- hostloss`: for how long nothing passes when a whole node is lost, seen by datagrams that a client sends each
 * millisecond and a server sends back: every process of the node stands still, and its link is down. In turn it comes back before and
 * after its shards were placed anew; then no flow may have two owners, and no shard may serve that has a successor.
 */
import { FailureLab } from "../failures/failure-lab.ts";
import { loseHost, victimOf } from "../failures/host-loss.ts";
import type { HostLoss } from "../failures/host-loss.ts";
import { stages } from "../failures/stage-times.ts";
import type { Bench, Figure } from "./harness/bench.ts";
import { median } from "./harness/measure.ts";

const rounds = 10;
const clients = 16;
const detectionSeconds = 0.5;
/** Shards are not held back, or ten losses would take an hour; they are placed anew soon enough to be waited for. */
const settings = {
  WEFT_NODE_LOSS_MS: "500",
  WEFT_DETECTION_MS: "500",
  WEFT_REPLACE_MS: "6000",
  WEFT_HOLD_MS: "0",
};

export const bench: Bench = {
  name: "hostloss",
  compares:
    "outage of a 1 kHz echo through a chain when the node of its shard is frozen, every process and the link, with detection set to 500 ms; and " +
    "what two shards say is theirs once the node is back, in turn before and after its shards were placed anew elsewhere",
  bounds: [
    { figure: "a node lost", plus: 1.5 * detectionSeconds, by: "worst" },
    { figure: "flows of two shards", plus: 0, by: "worst" },
    { figure: "shards in service again that have a successor", plus: 0, by: "worst" },
    { figure: "placed anew and not fenced", plus: 0, by: "worst" },
    { figure: "called dead and was not", plus: 0, by: "worst" },
  ],
  measure: async (say) => {
    await using lab = await FailureLab.start({ clients, farNodes: ["node-2", "node-3"], settings });
    const found: HostLoss[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const late = round % 2 === 1;
      const loss = await loseHost(lab, victimOf(lab, clients), { late });
      found.push(loss);
      const { shard, longestMs, lost, sent, farMs = 0 } = loss;
      const how = late ? "placed anew" : "back at once";
      say(
        `${how}: ${shard}: ${Math.round(longestMs)} ms, ${lost} of ${sent} lost, ${JSON.stringify(loss.stages)}; a client there: ${Math.round(farMs)} ms`,
      );
      for (const line of loss.knownTwice) say(`of two shards: ${line}`);
      for (const line of loss.inServiceAgain) say(`in service again: ${line}`);
    }
    for (const line of lab.alarms.found) say(`false alarm: ${line}`);
    const count = (of: (loss: HostLoss) => number): Figure => ({ unit: "count", runs: found.map(of) });
    const inSeconds = (of: (loss: HostLoss) => number): Figure => ({
      unit: "s",
      runs: found.map((loss) => Math.round(of(loss)) / 1_000),
    });
    return {
      figures: {
        "a node lost": inSeconds(({ longestMs }) => longestMs),
        "flows of two shards": count(({ knownTwice }) => knownTwice.length),
        "shards in service again that have a successor": count(({ inServiceAgain }) => inServiceAgain.length),
        "placed anew and not fenced": count(({ fenced, late }) => (late && !fenced ? 1 : 0)),
        "a client on the node that comes back": inSeconds(({ farMs = 0 }) => farMs),
        "called dead and was not": { unit: "count", runs: [lab.alarms.found.length] },
      },
      facts: {
        "detection, s": detectionSeconds,
        ...Object.fromEntries(
          stages
            .filter((stage) => stage !== "told")
            .map((stage) => [
              `${stage} after, ms (median)`,
              median(found.flatMap((loss) => loss.stages[stage] ?? [])),
            ]),
        ),
      },
    };
  },
};
