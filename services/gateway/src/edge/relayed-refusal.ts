/** A refusal of another service, to be handed on word for word. */
import type { Refusal } from "@weft/schemas";
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
}
