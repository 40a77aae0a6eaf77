/**
 * The error of an update that does not fit the rows it is about.
 * Reads a complaint.
 * Mending it, by a full reload, is left to the client.
 */
export class InconsistentUpdate extends Error {
  override readonly name = "InconsistentUpdate";
  readonly code = "inconsistent update";
  readonly retryable = true;
}
