/**
 * Reads documents of a request: each by its schema, every fault with its path, nothing that depends on other documents.
 * Reads plain JSON; returns complete documents (tenant set, defaults in, what is read-only stripped), what is sound of the others,
 * and findings.
 */
import type { Kind, SoundSpecOf } from "@weft/schemas";
import {
  Document,
  defaultTenant,
  faultWords,
  formatAddress,
  formatSubnet,
  intentKey,
  isRuntimeToCome,
  parseAddress,
  parseSubnet,
  readSoundDocument,
} from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding, pathText } from "./finding.ts";

/** A document with its tenant written out. */
export type WholeDocument = Document & { metadata: { tenant: string } };

export interface Candidate {
  readonly path: string;
  readonly key: string;
  readonly document: WholeDocument;
  /** What the author says that they changed, from metadata. */
  readonly revision: number | undefined;
}

/** A document with faults, as far as it can be read. */
export interface SoundPart {
  readonly path: string;
  /** Its path where it cannot be read what it is about: nothing finds it then. */
  readonly key: string;
  readonly named: boolean;
  readonly document: PartDocument;
  readonly revision: number | undefined;
}

export type PartDocument = SoundSpecOf & {
  readonly metadata: { readonly tenant: string; readonly name: string };
};

/** A resource that a request may mean without saying so legibly; what is left out may be any. */
export interface Guess {
  readonly kind: Kind | undefined;
  readonly tenant: string | undefined;
  readonly name: string | undefined;
}

export interface ParsedDocuments {
  readonly candidates: readonly Candidate[];
  readonly parts: readonly SoundPart[];
  /** Keys of documents that are in the request twice: they are no missing ones, and not clear. */
  readonly unclear: ReadonlySet<string>;
  /** What the documents may be about whose kind, tenant or name cannot be read. */
  readonly guesses: readonly Guess[];
  readonly findings: readonly Finding[];
}

interface ParsedDocument {
  readonly path: string;
  readonly candidate?: Candidate;
  readonly part?: SoundPart;
  readonly guess?: Guess;
  readonly findings: readonly Finding[];
}

export function parseDocuments(documents: readonly unknown[]): ParsedDocuments {
  const parsed = documents.map((document, index) => parseDocument(document, `documents[${index}]`));
  const byKey = Map.groupBy(parsed, ({ candidate, part }) => candidate?.key ?? part?.key);
  const twice = [...byKey].flatMap(([key, same]) =>
    key !== undefined && same.length > 1 ? [{ key, same }] : [],
  );
  const unclear = new Set(twice.map(({ key }) => key));
  return {
    candidates: parsed.flatMap(({ candidate }) => candidate ?? []).filter(({ key }) => !unclear.has(key)),
    parts: parsed.flatMap(({ part }) => part ?? []).filter(({ key }) => !unclear.has(key)),
    unclear,
    guesses: parsed.flatMap(({ guess }) => guess ?? []),
    findings: [
      ...parsed.flatMap(({ findings }) => findings),
      ...twice.flatMap(({ same }) => same.map(({ path }) => isThereTwice(path))),
    ],
  };
}

function isThereTwice(path: string): Finding {
  return finding("invalid-document", `${path}.metadata.name`, "is in this request more than once");
}

function parseDocument(document: unknown, path: string): ParsedDocument {
  const parsed = Document.safeParse(document, { error: faultWords, reportInput: true });
  if (!parsed.success)
    return {
      path,
      ...soundPart(document, path),
      findings: parsed.error.issues.flatMap((issue) => findingsOfIssue(issue, path)),
    };
  const whole = wholeDocument(parsed.data);
  return {
    path,
    candidate: {
      path,
      key: intentKey(whole.kind, whole.metadata.tenant, whole.metadata.name),
      document: whole,
      revision: parsed.data.metadata.revision,
    },
    findings: [],
  };
}

/** What is left of a document with faults, and what it may be about if that is not clear. */
function soundPart(document: unknown, path: string): Pick<ParsedDocument, "part" | "guess"> {
  const read = readSoundDocument(document);
  if (read === undefined) return {};
  const { content, metadata } = read;
  const { tenant, name, revision } = metadata;
  const isClear = content !== undefined && tenant !== undefined && name !== undefined;
  const guess = isClear ? {} : { guess: { kind: content?.kind, tenant, name } };
  if (content === undefined) return guess;
  const part: SoundPart = {
    path,
    key: isClear ? intentKey(content.kind, tenant, name) : path,
    named: isClear,
    document: { ...content, metadata: { tenant: tenant ?? path, name: name ?? path } },
    revision: isClear ? revision : undefined,
  };
  return { part, ...guess };
}

/** Tenant and labels in their places, addresses in their usual form, no status and nothing that only Weft sets. */
function wholeDocument(document: Document): WholeDocument {
  const { name, tenant = defaultTenant, labels } = document.metadata;
  const frame = {
    apiVersion: document.apiVersion,
    metadata: {
      name,
      tenant,
      ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }),
    },
  };
  switch (document.kind) {
    case "Network":
      return {
        ...frame,
        kind: document.kind,
        spec: {
          ...document.spec,
          subnets: document.spec.subnets.map((text) => formatSubnet(parseSubnet(text))),
        },
      };
    case "Workload":
      return {
        ...frame,
        kind: document.kind,
        spec: {
          ...document.spec,
          networks: document.spec.networks.map(({ network, address }) =>
            address === undefined ? { network } : { network, address: formatAddress(parseAddress(address)) },
          ),
        },
      };
    case "FunctionGroup":
      return { ...frame, kind: document.kind, spec: document.spec };
    case "Chain":
      return { ...frame, kind: document.kind, spec: document.spec };
    case "NodePolicy":
      return { ...frame, kind: document.kind, spec: document.spec };
  }
}

interface Issue {
  readonly code: string;
  readonly path: readonly (string | number | symbol)[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly input?: unknown;
}

/** One finding for each unknown field, with the field in the path; any other issue is one finding. */
function findingsOfIssue(issue: Issue, path: string): Finding[] {
  const at = (more: readonly string[]) => {
    const inside = pathText([...issue.path, ...more]);
    if (inside === "") return path;
    return inside.startsWith("[") ? `${path}${inside}` : `${path}.${inside}`;
  };
  if (issue.code === "unrecognized_keys")
    return (issue.keys ?? []).map((key) => finding("invalid-document", at([key]), "is no field known here"));
  const isToCome = issue.path.at(-1) === "runtime" && isRuntimeToCome(issue.input);
  return [finding(isToCome ? "unsupported" : "invalid-document", at([]), issue.message)];
}
