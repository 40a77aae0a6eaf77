/**
 * Reads documents of a request: each by its schema, every fault with its path, nothing that depends on other documents.
 * Reads plain JSON; returns complete documents (tenant set, defaults in, what is read-only stripped) and findings.
 */
import type { Kind } from "@weft/schemas";
import {
  Document,
  defaultTenant,
  formatAddress,
  formatSubnet,
  intentKey,
  isLabel,
  kindNames,
  parseAddress,
  parseSubnet,
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

export interface ParsedDocuments {
  readonly candidates: readonly Candidate[];
  /** Keys of documents that are in the request but not clear (invalid, or there twice): they are no missing ones. */
  readonly unclear: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

export function parseDocuments(documents: readonly unknown[]): ParsedDocuments {
  const findings: Finding[] = [];
  const candidates: Candidate[] = [];
  const keys = new Map<string, string[]>();
  documents.forEach((document, index) => {
    const path = `documents[${index}]`;
    const parsed = parseDocument(document, path);
    findings.push(...parsed.findings);
    if (parsed.candidate !== undefined) candidates.push(parsed.candidate);
    const key = parsed.candidate?.key ?? keyGuess(document);
    if (key !== undefined) keys.set(key, [...(keys.get(key) ?? []), path]);
  });
  const twice = [...keys].filter(([, paths]) => paths.length > 1);
  for (const [, paths] of twice)
    for (const path of paths)
      findings.push(
        finding("invalid-document", `${path}.metadata.name`, "is in this request more than once"),
      );
  const doubled = new Set(twice.map(([key]) => key));
  const clear = candidates.filter(({ key }) => !doubled.has(key));
  const known = new Set(clear.map(({ key }) => key));
  return {
    candidates: clear,
    unclear: new Set([...keys.keys()].filter((key) => !known.has(key))),
    findings,
  };
}

function parseDocument(document: unknown, path: string): { candidate?: Candidate; findings: Finding[] } {
  const parsed = Document.safeParse(document, { error: missingFields });
  if (!parsed.success)
    return { findings: parsed.error.issues.flatMap((issue) => findingsOfIssue(issue, path)) };
  const { metadata } = parsed.data;
  const whole = wholeDocument(parsed.data);
  return {
    candidate: {
      path,
      key: intentKey(whole.kind, whole.metadata.tenant, whole.metadata.name),
      document: whole,
      revision: metadata.revision,
    },
    findings: [],
  };
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
  return [finding("invalid-document", at([]), issue.message)];
}

/** Words for what zod would call "expected string, received undefined". */
function missingFields(issue: { readonly code?: string; readonly input?: unknown }): string | undefined {
  return issue.code === "invalid_type" && issue.input === undefined ? "is required" : undefined;
}

/** Which resource a document that is not valid means, if that much can be read. */
function keyGuess(document: unknown): string | undefined {
  if (!isObject(document) || !isObject(document["metadata"])) return undefined;
  const kind = kindNames.find((known) => known === document["kind"]);
  const { name, tenant = defaultTenant } = document["metadata"];
  const readable = typeof name === "string" && typeof tenant === "string" && isLabel(name) && isLabel(tenant);
  return kind !== undefined && readable ? intentKey(kind satisfies Kind, tenant, name) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
