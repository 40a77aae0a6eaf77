/**
 * The world as it would be after the request: what is there, without what goes, with what comes.
 * Reads intents and candidates; every check that looks beyond one document looks here.
 */
import type { Document, IntentRecord, Kind } from "@weft/schemas";
import { intentKey } from "@weft/schemas";
import type { Candidate, WholeDocument } from "./parse-documents.ts";

/** A record of a bucket with its key's place in time; what the bus calls an entry. */
export interface KnownIntent {
  readonly value: IntentRecord;
  readonly revision: number;
}
export type KnownIntents = ReadonlyMap<string, KnownIntent>;

export type DocumentOf<K extends Kind> = Extract<WholeDocument, { kind: K }>;

/** `path` is there when the request brings it, so that a fault can point at it. */
export interface Resident<K extends Kind = Kind> {
  readonly key: string;
  readonly document: DocumentOf<K>;
  readonly path: string | undefined;
}

export interface WantedWorld {
  /** The resource, or "unclear" when the request has it but not readably. */
  find<K extends Kind>(kind: K, tenant: string, name: string): Resident<K> | "unclear" | undefined;
  all<K extends Kind>(kind: K, tenant: string): readonly Resident<K>[];
  /** Of every tenant. */
  everywhere<K extends Kind>(kind: K): readonly Resident<K>[];
  /** Only what the request brings. */
  coming<K extends Kind>(kind: K): readonly (Resident<K> & { path: string })[];
  readonly before: KnownIntents;
}

export function wantedWorld(
  before: KnownIntents,
  candidates: readonly Candidate[],
  more: { readonly unclear: ReadonlySet<string>; readonly deleted: ReadonlySet<string> },
): WantedWorld {
  const residents = new Map<string, Resident>();
  for (const [key, { value }] of before)
    if (!more.deleted.has(key) && !more.unclear.has(key))
      residents.set(key, { key, document: asWhole(value.document), path: undefined });
  for (const { key, document, path } of candidates) residents.set(key, { key, document, path });
  const sorted = [...residents.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const byTenantAndKind = Map.groupBy(sorted, ({ document }) =>
    groupKey(document.kind, document.metadata.tenant),
  );
  return {
    before,
    find: (kind, tenant, name) => {
      const key = intentKey(kind, tenant, name);
      const resident = residents.get(key);
      if (resident !== undefined) return ofKind([resident], kind)[0];
      return more.unclear.has(key) ? "unclear" : undefined;
    },
    all: (kind, tenant) => ofKind(byTenantAndKind.get(groupKey(kind, tenant)) ?? [], kind),
    everywhere: (kind) => ofKind(sorted, kind),
    coming: (kind) =>
      ofKind(sorted, kind).flatMap(({ path, ...rest }) => (path === undefined ? [] : [{ ...rest, path }])),
  };
}

export function asWhole(document: Document): WholeDocument {
  return document as WholeDocument; // admitted documents have their tenant: admit alone writes them
}

function groupKey(kind: Kind, tenant: string): string {
  return `${tenant}.${kind}`;
}

function ofKind<K extends Kind>(residents: readonly Resident[], kind: K): Resident<K>[] {
  const found: unknown[] = residents.filter(({ document }) => document.kind === kind);
  return found as Resident<K>[]; // the filter above is what the type says
}
