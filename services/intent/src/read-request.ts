/**
 * Reads the envelopes of weft.intent.apply and weft.intent.delete. Each document is looked at later, by admission.
 * Throws WeftError with every fault of the envelope; paths are relative to the request.
 */
import type { Deletion } from "@weft/decide";
import { pathText } from "@weft/decide";
import type { ErrorCode, Fault } from "@weft/schemas";
import {
  ApplyRequest,
  DeleteRequest,
  DeleteSeveralRequest,
  WeftError,
  defaultTenant,
  kindNames,
  kindOf,
  maxDocuments,
  maxRequestBytes,
} from "@weft/schemas";

export function readApplyRequest(data: unknown): ApplyRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(data) ?? "").length;
  if (bytes > maxRequestBytes)
    throw new WeftError(
      "too-large",
      `The request has ${grouped(bytes)} bytes; ${grouped(maxRequestBytes)} are allowed.`,
    );
  const parsed = ApplyRequest.safeParse(data);
  if (!parsed.success) throw refusalOfEnvelope(parsed.error.issues);
  checkCount(parsed.data.documents.length, "documents");
  return parsed.data;
}

function checkCount(count: number, what: "documents" | "resources"): void {
  if (count > maxDocuments)
    throw new WeftError(
      "too-many-documents",
      `The request has ${grouped(count)} ${what}; ${grouped(maxDocuments)} are allowed.`,
    );
  if (count === 0)
    throw new WeftError("invalid-request", `The request has no ${what}.`, {
      faults: [{ path: what, message: `needs at least one ${what.slice(0, -1)}` }],
    });
}

export interface ReadDeletions {
  readonly deletions: readonly Deletion[];
  readonly dryRun: boolean;
}

/** One resource, or several as `{ resources: [...] }`. */
export function readDeleteRequest(data: unknown): ReadDeletions {
  if (typeof data === "object" && data !== null && "resources" in data) return readDeleteSeveral(data);
  const parsed = DeleteRequest.safeParse(data);
  if (!parsed.success) throw refusalOfEnvelope(parsed.error.issues);
  const { dryRun = false, ...one } = parsed.data;
  return { deletions: deletionsOf([one], () => undefined), dryRun };
}

function readDeleteSeveral(data: object): ReadDeletions {
  const parsed = DeleteSeveralRequest.safeParse(data);
  if (!parsed.success) throw refusalOfEnvelope(parsed.error.issues);
  const { resources, dryRun = false } = parsed.data;
  checkCount(resources.length, "resources");
  return { deletions: deletionsOf(resources, (index) => `resources[${index}]`), dryRun };
}

function deletionsOf(
  named: readonly Omit<DeleteRequest, "dryRun">[],
  pathOf: (index: number) => string | undefined,
): Deletion[] {
  const faults: Fault[] = [];
  const deletions = named.flatMap(({ kind: word, tenant = defaultTenant, name, ifRevision }, index) => {
    const path = pathOf(index);
    const kind = kindOf(word);
    if (kind === undefined) {
      const message = `${word} is no kind known here; known are ${kindNames.join(", ")}`;
      faults.push({ path: path === undefined ? "kind" : `${path}.kind`, message });
      return [];
    }
    return [{ kind, tenant, name, ifRevision, ...(path === undefined ? {} : { path }) }];
  });
  if (faults.length > 0) throw refusal("invalid-request", faults);
  return deletions;
}

/** A request that was refused, in one sentence; the faults stand beside it. */
export function refusal(code: ErrorCode, faults: readonly Fault[]): WeftError {
  const count = faults.length === 1 ? "There is one fault" : `There are ${faults.length} faults`;
  return new WeftError(code, `${count}; nothing was changed.`, { faults });
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code: string;
  readonly keys?: readonly string[];
}

function refusalOfEnvelope(issues: readonly Issue[]): WeftError {
  const faults = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? (issue.keys ?? []).map((key) => ({
          path: pathText([...issue.path, key]),
          message: "is no field of a request",
        }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
  return refusal("invalid-request", faults);
}
