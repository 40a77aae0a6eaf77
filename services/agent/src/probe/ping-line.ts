/** Reads one line of ping's output. Pure. */

/** When the reply came that the line tells of, in milliseconds since 1970 (ping -D); "no answer yet" and summaries tell of none. */
export function replyAtMs(line: string): number | undefined {
  const [, seconds] = /^\[(\d+\.\d+)\] \d+ bytes from \S+ icmp_seq=\d+ /.exec(line) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
