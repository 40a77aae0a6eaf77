/**
 * admit: whether a request may be carried out, with every fault of every document at once, and what to write if so.
 * Reads plain JSON and the intents that are there; returns findings, or writes for one batch.
 * It gives no uid and no time (the intent service does), and it does not know functions' configurations.
 */
import type { AppliedDocument } from "@weft/schemas";
import { intentKey } from "@weft/schemas";
import { canonicalText } from "./canonical.ts";
import { checkChains } from "./check-chains.ts";
import type { Deletion } from "./check-deletions.ts";
import { checkDeletions } from "./check-deletions.ts";
import type { KnownFunction } from "./check-groups.ts";
import { checkGroups } from "./check-groups.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkNodePolicies } from "./check-node-policies.ts";
import { checkRevisions } from "./check-revisions.ts";
import { checkUplinks } from "./check-uplinks.ts";
import { checkWorkloads } from "./check-workloads.ts";
import type { Finding } from "./finding.ts";
import type { Candidate, WholeDocument } from "./parse-documents.ts";
import { parseDocuments } from "./parse-documents.ts";
import type { KnownIntents } from "./wanted-world.ts";
import { wantedWorld } from "./wanted-world.ts";
import type { ConfigToCheck } from "./configs-to-check.ts";
import { configsToCheck } from "./configs-to-check.ts";

export interface AdmitRequest {
  readonly documents: readonly unknown[];
  readonly deletions?: readonly Deletion[];
  readonly ifRevision?: number | undefined;
  readonly intents: KnownIntents;
  readonly functions: readonly KnownFunction[];
}

/** One write of the batch. `generation` counts the changes of spec; `document` is undefined for a deletion. */
export interface IntentWrite {
  readonly key: string;
  readonly document: WholeDocument | undefined;
  readonly generation: number;
}

export interface Admission {
  readonly findings: readonly Finding[];
  /** In the order of the documents; empty when there are findings, or when nothing changes. */
  readonly writes: readonly IntentWrite[];
  readonly documents: readonly AppliedDocument[];
  /** What has to be checked with the functions' own tools, also when there are findings. */
  readonly configs: readonly ConfigToCheck[];
}

export function admit(request: AdmitRequest): Admission {
  const { intents, functions, deletions = [] } = request;
  const parsed = parseDocuments(request.documents);
  const { candidates } = parsed;
  const deleted = new Set(deletions.map(({ kind, tenant, name }) => intentKey(kind, tenant, name)));
  const world = wantedWorld(intents, parsed, deleted);
  const findings = [
    ...parsed.findings,
    ...checkNetworks(world),
    ...checkUplinks(world),
    ...checkWorkloads(world),
    ...checkGroups(world, functions),
    ...checkChains(world),
    ...checkNodePolicies(world),
    ...checkDeletions(world, deletions),
    ...checkRevisions(intents, [...candidates, ...parsed.parts], {
      count: request.documents.length,
      ifRevision: request.ifRevision,
    }),
  ];
  const configs = configsToCheck(world, { functions, unclear: parsed.unclear, deletions });
  if (findings.length > 0) return { findings, writes: [], documents: [], configs };
  const changes = [
    ...candidates.map((candidate) => changeOf(intents, candidate)),
    ...deletions.flatMap((deletion) => deletionOf(intents, deletion)),
  ];
  return {
    findings,
    writes: changes.flatMap(({ write }) => (write === undefined ? [] : [write])),
    documents: changes.map(({ applied }) => applied),
    configs,
  };
}

interface Change {
  readonly write?: IntentWrite;
  readonly applied: AppliedDocument;
}

/** A change of labels alone is written, but is no new generation: nothing that runs depends on it. */
function changeOf(intents: KnownIntents, { key, document }: Candidate): Change {
  const { kind, metadata } = document;
  const row = { kind, tenant: metadata.tenant, name: metadata.name };
  const known = intents.get(key)?.value;
  if (known === undefined)
    return { write: { key, document, generation: 1 }, applied: { ...row, generation: 1, change: "created" } };
  const sameSpec = canonicalText(known.document.spec) === canonicalText(document.spec);
  const sameLabels =
    canonicalText(known.document.metadata.labels ?? {}) === canonicalText(metadata.labels ?? {});
  const generation = sameSpec ? known.generation : known.generation + 1;
  if (sameSpec && sameLabels) return { applied: { ...row, generation, change: "unchanged" } };
  return { write: { key, document, generation }, applied: { ...row, generation, change: "changed" } };
}

function deletionOf(intents: KnownIntents, { kind, tenant, name }: Deletion): Change[] {
  const key = intentKey(kind, tenant, name);
  const known = intents.get(key)?.value;
  if (known === undefined) return [];
  const { generation } = known;
  return [
    {
      write: { key, document: undefined, generation },
      applied: { kind, tenant, name, generation, change: "deleted" },
    },
  ];
}
