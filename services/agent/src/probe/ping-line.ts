/** Reads one line of ping's output: did a reply come? "no answer yet" and summaries are none. Pure. */
export function isReply(line: string): boolean {
  return /^\d+ bytes from \S+ icmp_seq=\d+ /.test(line);
}
