/** Points in time: RFC 3339 in records, milliseconds since the epoch where they are compared or added to. */

/** NaN for a text that is no time. */
export function instantMs(text: string): number {
  return Date.parse(text);
}

/** RFC 3339, in UTC. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
