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
  const { documents } = parsed.data;
  if (documents.length > maxDocuments)
    throw new WeftError(
      "too-many-documents",
      `The request has ${grouped(documents.length)} documents; ${grouped(maxDocuments)} are allowed.`,
    );
  if (documents.length === 0)
    throw new WeftError("invalid-request", "The request has no documents.", {
      faults: [{ path: "documents", message: "needs at least one document" }],
    });
  return parsed.data;
}

export function readDeleteRequest(data: unknown): Deletion {
  const parsed = DeleteRequest.safeParse(data);
  if (!parsed.success) throw refusalOfEnvelope(parsed.error.issues);
  const { kind: word, tenant = defaultTenant, name, ifRevision } = parsed.data;
  const kind = kindOf(word);
  if (kind === undefined)
    throw new WeftError("invalid-request", `${word} is no kind.`, {
      faults: [{ path: "kind", message: `is no kind known here; known are ${kindNames.join(", ")}` }],
    });
  return { kind, tenant, name, ifRevision };
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
