/** The demonstration's result, in fixed words for scripts and as a table for people. Pure. */

export interface DemonstrationResult {
  readonly nodes: number;
  readonly shardsBefore: number;
  readonly shardsAfter: number;
  /** Opened after the scale. */
  readonly connections: number;
  /** Of those, how many passed each shard, by the counters inside the shards. */
  readonly shares: Readonly<Record<string, number>>;
  /** Replies that came back by another shard than the one that their connection passed. */
  readonly wrongShardReplies: number;
  readonly denied: { readonly attempted: number; readonly refused: number };
  /** Connections opened before the scale that no longer answered after it. */
  readonly brokenByScale: number;
  readonly seconds: number;
}

/** What must hold for the demonstration to count as passed; each fault is a sentence. */
export function faultsOf(result: DemonstrationResult): string[] {
  const passed = Object.values(result.shares).reduce((sum, share) => sum + share, 0);
  const smallest = Math.min(...Object.values(result.shares));
  return [
    passed === result.connections
      ? ""
      : `${result.connections} connections answered, but the shards counted ${passed}`,
    smallest >= 0.15 * result.connections
      ? ""
      : `one shard had only ${smallest} of ${result.connections} connections`,
    result.wrongShardReplies === 0 ? "" : `${result.wrongShardReplies} replies came back by the wrong shard`,
    result.denied.refused === result.denied.attempted
      ? ""
      : `${result.denied.attempted - result.denied.refused} denied ports could be reached`,
  ].filter((fault) => fault !== "");
}

export function resultTable(result: DemonstrationResult, nodeOf: (shard: string) => string): string {
  const rows = Object.entries(result.shares).map(([shard, share]) => {
    const percent = `${Math.round((100 * share) / Math.max(result.connections, 1))}%`;
    return `  ${shard.padEnd(12)}${nodeOf(shard).padEnd(10)}${String(share).padStart(11)}${percent.padStart(7)}`;
  });
  return [
    `  ${"shard".padEnd(12)}${"node".padEnd(10)}${"connections".padStart(11)}${"share".padStart(7)}`,
    ...rows,
  ].join("\n");
}
