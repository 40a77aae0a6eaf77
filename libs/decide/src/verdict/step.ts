/** Steps of health: writes to weft_health, each compared with the revision that it was decided from (0: none was there). */
import type { NodeHealth, ShardHealth } from "@weft/schemas";

interface Write<Kind extends string> {
  readonly kind: Kind;
  readonly key: string;
  readonly ifRevision: number;
  readonly why: string;
}
export interface PutShardHealth extends Write<"putShardHealth"> {
  readonly record: ShardHealth;
}
export interface PutNodeHealth extends Write<"putNodeHealth"> {
  readonly record: NodeHealth;
}
export type RemoveHealth = Write<"removeHealth">;
export type VerdictStep = PutShardHealth | PutNodeHealth | RemoveHealth;
