/**
 * The error of a schema that cannot be read, or that does not fit the one the program was written for.
 * Reads a place and a complaint.
 * Values that do not fit are left to notation/notation-error.ts.
 */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  readonly code = "schema";
  readonly retryable = false;

  constructor(place: string, complaint: string) {
    super(`${place}: ${complaint}`);
  }
}
