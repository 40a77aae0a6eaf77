/**
 * The world as it would be after the request: what is there, without what goes, with what comes.
 * Reads intents and candidates; every check that looks beyond one document looks here.
 */
import type { Document, IntentRecord, Kind } from "@weft/schemas";
import { intentKey, isLabel } from "@weft/schemas";
import type { ParsedDocuments, PartDocument, WholeDocument } from "./parse-documents.ts";

/** A record of a bucket with its key's place in time; what the bus calls an entry. */
export interface KnownIntent {
  readonly value: IntentRecord;
  readonly revision: number;
}
export type KnownIntents = ReadonlyMap<string, KnownIntent>;

/** What is sound of a document; of one without faults that is all. */
export type DocumentOf<K extends Kind> = Extract<PartDocument, { kind: K }>;

/** `path` is there when the request brings it, so that a fault can point at it. */
export interface Resident<K extends Kind = Kind> {
  readonly key: string;
  readonly document: DocumentOf<K>;
  readonly path: string | undefined;
  /** Whether it has no fault by itself: what is not given is meant to be left out. */
  readonly whole: boolean;
  /** Whether it can be read which one it is; else it may be any, so that nothing is its rival. */
  readonly named: boolean;
}

export interface WantedWorld {
  /** The resource, or "unclear" when the request has it, or may have it, but not readably. */
  find<K extends Kind>(kind: K, tenant: string, name: string): Resident<K> | "unclear" | undefined;
  /** Those that can be named. */
  all<K extends Kind>(kind: K, tenant: string): readonly Resident<K>[];
  /** Of every tenant. */
  everywhere<K extends Kind>(kind: K): readonly Resident<K>[];
  /** Only what the request brings, named or not. */
  coming<K extends Kind>(kind: K): readonly (Resident<K> & { path: string })[];
  /** Whether the request may bring resources that cannot be named. */
  mayHaveMore(kind: Kind, tenant: string): boolean;
  readonly before: KnownIntents;
}

export function wantedWorld(
  before: KnownIntents,
  { candidates, parts, unclear, guesses }: Omit<ParsedDocuments, "findings">,
  deleted: ReadonlySet<string>,
): WantedWorld {
  const residents = new Map<string, Resident>();
  for (const [key, { value }] of before)
    if (!deleted.has(key) && !unclear.has(key))
      residents.set(key, {
        key,
        document: asWhole(value.document),
        path: undefined,
        whole: true,
        named: true,
      });
  for (const { key, document, path } of candidates)
    residents.set(key, { key, document, path, whole: true, named: true });
  for (const { key, document, path, named } of parts)
    residents.set(key, { key, document, path, whole: false, named });
  const mayBe = (kind: Kind, tenant: string, name?: string) =>
    !isLabel(tenant) ||
    guesses.some(
      (guess) =>
        (guess.kind ?? kind) === kind &&
        (guess.tenant ?? tenant) === tenant &&
        (name === undefined || (guess.name ?? name) === name),
    );
  const sorted = [...residents.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const named = sorted.filter((resident) => resident.named);
  const byTenantAndKind = Map.groupBy(named, ({ document }) =>
    groupKey(document.kind, document.metadata.tenant),
  );
  return {
    before,
    find: (kind, tenant, name) => {
      const key = intentKey(kind, tenant, name);
      const resident = residents.get(key);
      if (resident !== undefined) return ofKind([resident], kind)[0];
      return unclear.has(key) || mayBe(kind, tenant, name) ? "unclear" : undefined;
    },
    mayHaveMore: (kind, tenant) => mayBe(kind, tenant),
    all: (kind, tenant) => ofKind(byTenantAndKind.get(groupKey(kind, tenant)) ?? [], kind),
    everywhere: (kind) => ofKind(named, kind),
    coming: (kind) =>
      ofKind(sorted, kind).flatMap(({ path, ...rest }) => (path === undefined ? [] : [{ ...rest, path }])),
  };
}

export function asWhole(document: Document): WholeDocument {
  return document as WholeDocument; // admitted documents have their tenant: admit alone writes them
}

/** Whose it is, for someone of that tenant or another; nothing where it cannot be read. */
export function whoseText(metadata: { readonly tenant: string }, asker: { readonly tenant: string }): string {
  const isPlain = metadata.tenant === asker.tenant || !isLabel(metadata.tenant);
  return isPlain ? "" : ` of the tenant ${metadata.tenant}`;
}

function groupKey(kind: Kind, tenant: string): string {
  return `${tenant}.${kind}`;
}

function ofKind<K extends Kind>(residents: readonly Resident[], kind: K): Resident<K>[] {
  const found: unknown[] = residents.filter(({ document }) => document.kind === kind);
  return found as Resident<K>[]; // the filter above is what the type says
}
