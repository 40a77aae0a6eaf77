/**
 * PUT, PATCH and DELETE of one document: what the URL and its headers say becomes a request to the intent service.
 * A patch is applied to what the gateway reads, and sent with that revision, so nobody's change is lost under it.
 */
import { resourceOf } from "@weft/decide";
import type { Accepted, Kind, Resource } from "@weft/schemas";
import { WeftError, intentKey, refusalOf } from "@weft/schemas";
import type { Answer } from "../edge/idempotency.ts";
import { RelayedRefusal, preconditionFailed } from "../edge/relayed-refusal.ts";
import type { RecordsPort } from "../ports.ts";
import type { IntentRelay } from "./intent-relay.ts";
import { mergePatch } from "./merge-patch.ts";
import { untilRecordsShow } from "./records-show.ts";

/** How long a refused change waits for the revision that refused it. */
const newerWithinMs = 1000;

export interface Target {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly dryRun: boolean;
}

/** How often a change is tried on what somebody else changed meanwhile. */
const newestAttempts = 5;

export class ResourceChanges {
  readonly #relay: IntentRelay;
  readonly #records: RecordsPort;

  constructor(relay: IntentRelay, records: RecordsPort) {
    this.#relay = relay;
    this.#records = records;
  }

  async put(target: Target, body: unknown): Promise<Answer> {
    const document = documentFor(target, body);
    const create = target.ifNoneMatch?.trim() === "*";
    if (!create && target.ifMatch?.trim() === "*") return this.#onNewest(target, "conflict", () => document);
    const revision = create ? 0 : revisionOf(target.ifMatch);
    return this.#answer(target, await this.#apply(target, document, revision));
  }

  async patch(target: Target, patch: unknown): Promise<Answer> {
    if (!isObject(patch)) throw new WeftError("invalid-request", "A merge patch is a JSON object.");
    const { kind, tenant, name } = target;
    return this.#onNewest(
      target,
      target.ifMatch === undefined ? "not-found" : "conflict",
      ({ apiVersion, metadata, spec }) => {
        const labels = metadata.labels === undefined ? {} : { labels: metadata.labels };
        const bare = { apiVersion, kind, metadata: { name, tenant, ...labels }, spec };
        return documentFor(target, mergePatch(bare, patch));
      },
    );
  }

  /** Changes what is there, at the revision that it was read at; `absent`: how to refuse when it is not there. */
  async #onNewest(
    target: Target,
    absent: "conflict" | "not-found",
    documentOf: (current: Resource) => unknown,
  ): Promise<Answer> {
    const wanted = revisionOf(target.ifMatch);
    for (let attempt = 1; ; attempt += 1) {
      const current = this.#read(target);
      if (current === undefined) throw isAbsent(target, absent);
      const { revision } = current.metadata;
      try {
        return this.#answer(target, await this.#apply(target, documentOf(current), wanted ?? revision));
      } catch (error) {
        const again = error instanceof WeftError && error.code === "conflict" && wanted === undefined;
        if (!again || attempt === newestAttempts) throw error;
        await this.#newer(target, revision);
      }
    }
  }

  async remove(target: Target): Promise<Answer> {
    const { kind, tenant, name, ifMatch, dryRun } = target;
    const ifRevision = revisionOf(ifMatch);
    const request = { kind, tenant, name, ...(ifRevision === undefined ? {} : { ifRevision }) };
    const accepted = await this.#relay
      .remove(dryRun ? { ...request, dryRun } : request)
      .catch((error: unknown) => {
        if (!(error instanceof RelayedRefusal) || ifMatch === undefined) throw error;
        throw error.code === "not-found" ? isAbsent(target, "conflict") : error.underPrecondition("If-Match");
      });
    return { status: 200, headers: {}, body: accepted };
  }

  async #apply(target: Target, document: unknown, ifRevision: number | undefined): Promise<Accepted> {
    const request = { documents: [document], ...(ifRevision === undefined ? {} : { ifRevision }) };
    try {
      return await this.#relay.apply(target.dryRun ? { ...request, dryRun: true } : request);
    } catch (error) {
      if (!(error instanceof RelayedRefusal)) throw error;
      const refused = RelayedRefusal.ofOneDocument(error.refusal);
      const { ifMatch, ifNoneMatch } = target;
      if (ifMatch === undefined && ifNoneMatch === undefined) throw refused;
      throw refused.underPrecondition(ifNoneMatch === undefined ? "If-Match" : "If-None-Match");
    }
  }

  #read({ kind, tenant, name }: Target): Resource | undefined {
    const world = this.#records.world();
    const entry = world.intents.get(intentKey(kind, tenant, name));
    return entry === undefined ? undefined : resourceOf(entry, world);
  }

  #answer(target: Target, accepted: Accepted): Answer {
    if (target.dryRun) return { status: 200, headers: {}, body: accepted };
    const [applied] = accepted.documents;
    const resource = this.#read(target);
    const headers = resource === undefined ? {} : { etag: `"${resource.metadata.revision}"` };
    return { status: applied?.change === "created" ? 201 : 200, headers, body: resource ?? applied };
  }

  /** When another revision shows, or after a while: then the next attempt finds out. */
  #newer(target: Target, revision: number): Promise<void> {
    const isNewer = () => this.#read(target)?.metadata.revision !== revision;
    return untilRecordsShow(this.#records.changed, isNewer, newerWithinMs);
  }
}

/** `conflict` where a header asked that it is there. */
function isAbsent({ kind, tenant, name }: Target, code: "conflict" | "not-found"): WeftError {
  const error = new WeftError(code, `There is no ${kind} ${tenant}/${name}.`);
  return code === "conflict" ? preconditionFailed(refusalOf(error)) : error;
}

/** The document with what the URL says; a word of its own that differs is refused. */
function documentFor({ kind, tenant, name }: Target, body: unknown): unknown {
  if (!isObject(body))
    throw new WeftError("invalid-request", "The body must be one document, a JSON object.");
  const metadata = isObject(body["metadata"]) ? body["metadata"] : {};
  const pairs: [path: string, given: unknown, wanted: string][] = [
    ["kind", body["kind"], kind],
    ["metadata.tenant", metadata["tenant"], tenant],
    ["metadata.name", metadata["name"], name],
  ];
  const faults = pairs
    .filter(([, given, wanted]) => given !== undefined && given !== wanted)
    .map(([path, , wanted]) => ({ path, message: `differs from the URL, which says ${wanted}` }));
  if (faults.length > 0)
    throw new WeftError("invalid-document", "The document and the URL name different things.", { faults });
  return { ...body, kind, metadata: { ...metadata, tenant, name } };
}

/** If-Match: one strong tag, which is the revision; `*` asks only that it is there, whatever its revision. */
function revisionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "*") return undefined;
  const revision = /^"(\d+)"$/.exec(ifMatch.trim())?.[1];
  if (revision === undefined)
    throw new WeftError("invalid-request", `If-Match takes one tag such as "42", not ${ifMatch}.`);
  return Number(revision);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
