/**
 * The two sizes of a test: bounded in `npm test`, full in `npm run test:long`.
 * Reads WEFT_TEST_LONG, which setup/test.mjs sets.
 * The claim is the same at both sizes; only how much is tried differs.
 */
export const longRun = process.env["WEFT_TEST_LONG"] === "1";

/** `extent({ bounded: 100, full: 1_000 })`: how many rounds, rows, workloads this run tries. */
export function extent<T>(of: { readonly bounded: T; readonly full: T }): T {
  return longRun ? of.full : of.bounded;
}
