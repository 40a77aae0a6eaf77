/** A bandwidth as a token bucket at the egress of one link end; both ends of a pair bound both directions. Pure. */

/** The bucket holds 4 ms of traffic, and never less than one full-size segmented frame. */
const bucketSeconds = 0.004;
const smallestBucketBytes = 64 * 1024;

/** Bytes a second, as the kernel keeps a rate of bit/s. */
export function bucketRate(bitsPerSecond: number): number {
  return Math.floor(Math.round(bitsPerSecond) / 8);
}

export function tbfLine(link: string, bitsPerSecond: number | undefined): string | undefined {
  if (bitsPerSecond === undefined) return undefined;
  const burst = Math.max(smallestBucketBytes, Math.ceil((bitsPerSecond * bucketSeconds) / 8));
  return `qdisc replace dev ${link} root tbf rate ${Math.round(bitsPerSecond)}bit burst ${burst} latency 50ms`;
}
