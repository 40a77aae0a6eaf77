/**
 * The error of a value that does not fit its column, whichever way it was going.
 * Reads a place (table and column) and a complaint.
 * Errors that a server answers are left to ovsdb-error.ts.
 */
export class NotationError extends Error {
  override readonly name = "NotationError";
  readonly code = "notation";
  readonly retryable = false;
  /** `table.column`, as far as it is known. */
  readonly place: string;

  constructor(place: string, complaint: string) {
    super(`${place}: ${complaint}`);
    this.place = place;
  }
}
