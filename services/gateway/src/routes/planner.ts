/**
 * Plans: what the services would do for a request that the intent service would let in. Reads the gateway's records alone;
 * the steps are found by libs/decide, whose decisions the services run themselves.
 */
import type { AdmitRequest } from "@weft/decide";
import { admit, planSteps } from "@weft/decide";
import { configText, functions } from "@weft/functions";
import type { Accepted } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { GatewayPorts, RecordsPort } from "../ports.ts";
import { untilRecordsShow } from "./records-show.ts";

/** Longest that the records may lag behind what the intent service decided from. */
const lagMs = 2000;

export type Wish = Pick<AdmitRequest, "documents" | "deletions">;

const known = [...functions.values()].map(({ name, runtimes, tracked }) => ({
  name,
  runtimes,
  replicates: tracked !== undefined,
}));

export class Planner {
  readonly #records: RecordsPort;
  readonly #now: () => number;

  constructor({ records, now }: Pick<GatewayPorts, "records" | "now">) {
    this.#records = records;
    this.#now = now;
  }

  /** The answer of the intent service's dry run, with the steps beside it. */
  async foretell(accepted: Accepted, wish: Wish): Promise<Accepted> {
    const shows = () => this.#records.intentsRevision() >= accepted.revision;
    await untilRecordsShow(this.#records.changed, shows, lagMs);
    const records = this.#records.world();
    const { findings, writes } = admit({ ...wish, intents: records.intents, functions: known });
    if (findings.length > 0)
      throw new WeftError("conflict", "The intents changed while the plan was made.", { retryable: true });
    const nowMs = this.#now();
    const now = new Date(nowMs).toISOString();
    return { ...accepted, steps: planSteps({ records, writes, now, nowMs, configText }) };
  }
}
