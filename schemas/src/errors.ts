/**
 * The error catalogue: every code that Weft answers with, its HTTP status, its title and what to do next.
 * docs/errors.md lists the same; a test compares them.
 */
import { z } from "zod";

export const errorCatalogue = {
  "syntax-error": {
    status: 400,
    title: "The text is not valid YAML or JSON",
    next: "Mend the text at the line and column given.",
  },
  "invalid-request": {
    status: 400,
    title: "The request is not well formed",
    next: "Mend what is named, then ask again; /docs describes the API.",
  },
  "invalid-document": {
    status: 422,
    title: "A document is not valid",
    next: "Mend every fault that is listed, then apply again.",
  },
  unsupported: {
    status: 422,
    title: "A document asks for what this version does not do",
    next: "Leave the field out, or use a version that has it.",
  },
  "too-large": {
    status: 413,
    title: "The request is larger than 1 MiB",
    next: "Split it into several requests.",
  },
  "too-many-documents": {
    status: 413,
    title: "The request has more than 1,000 documents",
    next: "Split it into several requests.",
  },
  "config-refused": {
    status: 422,
    title: "The function refuses its configuration",
    next: "Mend the configuration as the function's own words say.",
  },
  conflict: {
    status: 409,
    title: "The resource was changed meanwhile",
    next: "See what is there now, then decide anew.",
  },
  "store-lost": {
    status: 409,
    title: "The records come from another store than before",
    next: "Restore the store, or let the node go on as its log says.",
  },
  "row-in-the-way": {
    status: 409,
    title: "A row of OVN that is not Weft's bears a name that Weft needs",
    next: "Rename or delete the row that is named; the rest goes on meanwhile.",
  },
  "in-use": {
    status: 409,
    title: "Other resources need this one",
    next: "Delete or change those that are listed first.",
  },
  "not-found": {
    status: 404,
    title: "There is no such resource",
    next: "List what there is with `weft get KIND`.",
  },
  unauthorized: {
    status: 401,
    title: "The bearer token is missing or wrong",
    next: "Set WEFT_TOKEN, or use the token file that `weft up` wrote.",
  },
  forbidden: {
    status: 403,
    title: "The caller may not do this",
    next: "Use the account, or the address of the gateway, that may.",
  },
  "token-refused": {
    status: 403,
    title: "The join token is not taken",
    next: "Get a new one with `weft node token`.",
  },
  "name-taken": {
    status: 409,
    title: "There is a node of this name already",
    next: "Join under another name, or remove that node first.",
  },
  unavailable: {
    status: 503,
    title: "A part of Weft does not answer",
    next: "See `weft get services` and `weft doctor`, then try again.",
  },
  timeout: {
    status: 504,
    title: "The time ran out",
    next: "See `weft describe` for what it waits for, then try again.",
  },
  internal: {
    status: 500,
    title: "Weft made a mistake",
    next: "Report it with the log of the service that is named.",
  },
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** One fault and its place: `path` within the request, and line and column (both from 1) where a text was given. */
export const Fault = z.strictObject({
  path: z.string().describe("e.g. documents[2].spec.subnets[0]"),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
  message: z.string(),
});
export type Fault = z.infer<typeof Fault>;

/** RFC 9457 problem details, with every fault at once. */
export const Refusal = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(Fault),
});
export type Refusal = z.infer<typeof Refusal>;

/** The one error of Weft. `code` is from the catalogue; `concerns` names the resource or service. */
export class WeftError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly concerns: string | undefined;
  readonly faults: readonly Fault[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { cause?: unknown; retryable?: boolean; concerns?: string; faults?: readonly Fault[] } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = "WeftError";
    this.code = code;
    this.retryable = more.retryable ?? errorCatalogue[code].status >= 503;
    this.concerns = more.concerns;
    this.faults = more.faults ?? [];
  }
}

export function refusalOf(error: WeftError): Refusal {
  const { title, status, next } = errorCatalogue[error.code];
  return {
    type: `https://weft.dev/errors#${error.code}`,
    title,
    status,
    code: error.code,
    detail: `${error.message} ${next}`,
    errors: [...error.faults],
  };
}

/** The error that a refusal tells of, on the side that received it. */
export function errorOfRefusal(refusal: Refusal): WeftError {
  const code = isErrorCode(refusal.code) ? refusal.code : "internal";
  return new WeftError(code, refusal.detail, { faults: refusal.errors });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
