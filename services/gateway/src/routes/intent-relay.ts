/**
 * Changes are asked of the intent service. An answer is handed on only once the gateway's own records show the change,
 * so that who asks next (is it ready?) is never told of the state before.
 */
import type { Deletion } from "@weft/decide";
import type { Accepted, ApplyRequest, DeleteRequest, DeleteSeveralRequest, IntentReply } from "@weft/schemas";
import { WeftError, intentKey, kindOf, maxDocuments } from "@weft/schemas";
import { RelayedRefusal } from "../edge/relayed-refusal.ts";
import type { IntentPort, RecordsPort } from "../ports.ts";
import type { Planner } from "./planner.ts";
import { untilRecordsShow } from "./records-show.ts";

/** Longest that the records may lag; then the answer goes out as it is, since the change is made. */
const lagMs = 2000;

export class IntentRelay {
  readonly #intent: IntentPort;
  readonly #records: RecordsPort;
  readonly #planner: Planner;

  constructor(intent: IntentPort, records: RecordsPort, planner: Planner) {
    this.#intent = intent;
    this.#records = records;
    this.#planner = planner;
  }

  async apply(request: ApplyRequest): Promise<Accepted> {
    const count = request.documents.length;
    if (count > maxDocuments)
      throw new WeftError(
        "too-many-documents",
        `The request has ${count} documents, at most ${maxDocuments} are taken.`,
      );
    const accepted = acceptedOf(await this.#intent.apply(request));
    if (request.dryRun === true) return this.#planner.foretell(accepted, { documents: request.documents });
    await this.#caughtUp(accepted);
    return accepted;
  }

  async remove(request: DeleteRequest | DeleteSeveralRequest): Promise<Accepted> {
    const accepted = acceptedOf(await this.#intent.remove(request));
    if (request.dryRun === true)
      return this.#planner.foretell(accepted, { documents: [], deletions: deletionsOf(accepted) });
    await this.#caughtUp(accepted);
    return accepted;
  }

  #caughtUp(accepted: Accepted): Promise<void> {
    return untilRecordsShow(this.#records.changed, () => this.#shows(accepted), lagMs);
  }

  /** A batch takes consecutive revisions, of which the reply names the last. */
  #shows({ revision, documents }: Accepted): boolean {
    const { intents } = this.#records.world();
    const written = documents.filter(({ change }) => change !== "unchanged");
    return written.every(({ kind, tenant, name, change }) => {
      const known = kindOf(kind);
      if (known === undefined) return true;
      const entry = intents.get(intentKey(known, tenant, name));
      if (change === "deleted") return entry === undefined || entry.revision > revision;
      return entry !== undefined && entry.revision > revision - written.length;
    });
  }
}

/** What the intent service would delete, in its own words. */
function deletionsOf({ documents }: Accepted): Deletion[] {
  return documents.flatMap(({ kind: word, tenant, name }) => {
    const kind = kindOf(word);
    return kind === undefined ? [] : [{ kind, tenant, name }];
  });
}

function acceptedOf(reply: IntentReply): Accepted {
  if (reply.accepted) return reply;
  const { accepted: _, ...refusal } = reply;
  throw new RelayedRefusal(refusal);
}
