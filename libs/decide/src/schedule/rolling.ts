/**
 * How a group's shards are replaced and told of a new configuration without ever too few of them at work:
 * a new one beside the old ones first, and an old one leaves once the new one is ready and has slots. A shard that fails
 * holds up all that would follow. Pure arithmetic over what is seen; why a shard must be replaced is the caller's.
 */
import type { FunctionGroup } from "@weft/schemas";
import type { ShardSight } from "./shard-sight.ts";
import { isServing } from "./shard-sight.ts";

/** In shards. */
export interface Budget {
  readonly replicas: number;
  readonly surge: number;
  readonly unavailable: number;
}

export interface Rolling {
  readonly budget: Budget;
  /** All that are not leaving. */
  readonly staying: readonly ShardSight[];
  /** Of those the ones that another shard must take the place of. `moves`: for its node's sake, not for its own. */
  readonly replaced: ReadonlyMap<ShardSight, { readonly moves: boolean }>;
  /** Shards that were told what is wanted now, and whose way to it is still being waited for. */
  readonly pending: number;
  /** Shards that are leaving and whose slots nobody else has yet. */
  readonly handingOver: number;
}

/** Shares count of `replicas`. Where rounding leaves nothing, one may be missing: else no shard could ever be replaced. */
export function budgetOf({ replicas, update }: FunctionGroup["spec"]): Budget {
  const surge = countOf(update.maxSurge, replicas, Math.ceil);
  const unavailable = countOf(update.maxUnavailable, replicas, Math.floor);
  return { replicas, surge, unavailable: surge + unavailable === 0 ? 1 : unavailable };
}

function countOf(share: number | string, replicas: number, round: (exact: number) => number): number {
  return typeof share === "number" ? share : round((Number(share.slice(0, -1)) * replicas) / 100);
}

/** So many shards may be on their way at once, new ones and told ones. */
function stride({ surge, unavailable }: Budget): number {
  return surge + unavailable;
}

/** How many shards are to be placed now: those that are missing, and beside old ones those that shall take their place. */
export function placesWanted({ budget, staying, replaced, pending }: Rolling): number {
  const missing = Math.max(0, budget.replicas - staying.length);
  const unmade = budget.replicas - (staying.length - replaced.size);
  const allowed = budget.replicas + budget.surge - staying.length;
  const gated = missing + Math.max(0, stride(budget) - pending);
  return Math.max(missing, Math.min(unmade, allowed, gated));
}

/**
 * Which of those to be replaced leave now. `placed`: shards placed in this very round; `room`: none was refused a place.
 * Fewer than `replicas` at work are allowed only where nothing new is on its way and nothing new can come.
 */
export function leavingNow(rolling: Rolling, now: { placed: number; room: boolean }): ShardSight[] {
  const kept = leavers(rolling, { unavailable: 0, unready: 0 });
  const stuck = rolling.pending === 0 && now.placed === 0;
  if (kept.length > 0 || !stuck) return kept;
  const crowded = !now.room || rolling.budget.surge === 0;
  return leavers(rolling, { unavailable: rolling.budget.unavailable, unready: crowded ? 1 : 0 });
}

/** Those that do not work go first, since nothing is lost with them; then the highest index. */
function leavers(
  { budget, staying, replaced, handingOver }: Rolling,
  allowed: { readonly unavailable: number; readonly unready: number },
): ShardSight[] {
  const tight = allowed.unavailable + allowed.unready > 0;
  // A move makes no room where room is missing: such a shard stays until it has another place.
  const candidates = [...replaced].filter(([, { moves }]) => !(tight && moves)).map(([shard]) => shard);
  const order = candidates.toReversed().toSorted((a, b) => Number(isServing(a)) - Number(isServing(b)));
  const leaving: ShardSight[] = [];
  let serving = staying.filter(isServing).length;
  let moving = handingOver;
  for (const shard of order) {
    if (shard.ownsSlots && moving >= stride(budget)) continue;
    const spare = isServing(shard)
      ? serving - 1 >= budget.replicas - allowed.unavailable
      : staying.length - leaving.length > budget.replicas || leaving.length < allowed.unready;
    if (!spare) continue;
    leaving.push(shard);
    if (isServing(shard)) serving -= 1;
    if (shard.ownsSlots) moving += 1;
  }
  return leaving;
}

/** Which of those that run another configuration are told the wanted one now: those that work first. */
export function toldNow({ budget, pending }: Rolling, stale: readonly ShardSight[]): ShardSight[] {
  const order = stale.toSorted((a, b) => Number(b.ready) - Number(a.ready));
  return order.slice(0, Math.max(0, stride(budget) - pending));
}
