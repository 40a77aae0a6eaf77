/** A refusal of another service, to be handed on word for word. */
import type { Fault, Refusal } from "@weft/schemas";
import { WeftError, errorOfRefusal } from "@weft/schemas";

export class RelayedRefusal extends WeftError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    const { code, message, faults } = errorOfRefusal(refusal);
    super(code, message, { faults });
    this.refusal = refusal;
  }

  /** The same about the one document of a PUT or PATCH: paths begin inside it. */
  static ofOneDocument(refusal: Refusal): RelayedRefusal {
    const errors = refusal.errors.map((fault) => ({
      ...fault,
      path: fault.path.replace(/^documents\[0\]\.?/, ""),
    }));
    return new RelayedRefusal({ ...refusal, errors });
  }

  /** Of a request whose revision stood in a header: one that does not hold is 412 then (RFC 9110, 13.1), and the header's fault. */
  underPrecondition(header: "If-Match" | "If-None-Match"): RelayedRefusal {
    const { errors } = this.refusal;
    if (!errors.some(isOfRevision)) return this;
    const named = errors.map((fault) => (isOfRevision(fault) ? { ...fault, path: header } : fault));
    return preconditionFailed({ ...this.refusal, errors: named });
  }
}

function isOfRevision({ path }: Fault): boolean {
  return path === "ifRevision";
}

/** The same refusal with the status of a precondition in a header; its code stays. */
export function preconditionFailed(refusal: Refusal): RelayedRefusal {
  return new RelayedRefusal({ ...refusal, status: 412 });
}
