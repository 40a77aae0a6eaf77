/**
 * The shim of one shard, a loop of its own, so that no shard waits for another's long list: makes it what the slots record says and
 * tells in weft_shims how far it is. Reads records and the kernel; decides nothing (libs/decide, shim).
 */
import type { ShimSight, ShimStep } from "@weft/decide";
import { decideShim, shimOf } from "@weft/decide";
import { reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { Flow, GroupPlacement, ShardPlacement, ShimRecord } from "@weft/schemas";
import type { Inventory } from "../inventory.ts";
import type { AgentPorts } from "../ports.ts";
import type { ReplicationView } from "../replica/replication.ts";
import type { FirstShims } from "./first-shims.ts";
import type { GroupWorlds } from "./group-worlds.ts";
import { KnownLooks, atLeast } from "./known-looks.ts";
import type { KnownCount } from "./known-looks.ts";
import { executeShimStep } from "./shim-executors.ts";
import type { ShimRound } from "./shim-executors.ts";
import { readKnown } from "./shim-kernel.ts";
import type { SeenRules } from "./shim-kernel.ts";
import type { ShimRules } from "./shim-rules.ts";
import { ShimState } from "./shim-state.ts";

/** Whatever happens to a shim is told; this is for what nobody foresaw. */
const resyncMs = 60_000;
/** A stream that was lost says nothing: so often a giver asks whether its lists are there. */
const listsAskedEveryMs = 60_000;

export interface ShimContext {
  readonly node: string;
  readonly ports: AgentPorts;
  readonly inventory: Inventory;
  readonly worlds: GroupWorlds;
  readonly rules: ShimRules;
  readonly firstShims: FirstShims;
  readonly replication: ReplicationView;
}
type Found = Omit<ShimRound, "known">;

export class ShardShim {
  readonly loop: Service;
  readonly #key: string;
  readonly #placement: () => ShardPlacement | undefined;
  readonly #context: ShimContext;
  readonly #state = new ShimState();
  readonly #looks: KnownLooks;
  #found: Found | undefined;
  #listsAskedAt: number;

  /** `placement`: as it is now; undefined once there is none. */
  constructor(key: string, placement: () => ShardPlacement | undefined, context: ShimContext) {
    this.#key = key;
    this.#placement = placement;
    this.#context = context;
    const { clock, log, views, fabric } = context.ports;
    this.#listsAskedAt = clock.monotonicMs();
    this.#looks = new KnownLooks({
      clock,
      read: async () => (this.#found === undefined ? [] : readKnown(this.#found.namespacePath)),
      counting: () => ({
        affinity: this.#found?.sight.wanted.affinity ?? "client",
        duties: this.#found?.sight.wanted.count ?? [],
      }),
      found: (count) => this.#state.counted(count),
      failed: (err) => log.warn({ shim: key, err }, "the flows of a shard could not be counted"),
    });
    this.loop = reconcileLoop<ShimSight, ShimStep>({
      name: "shims",
      clock,
      log,
      urgent: [views.slots.changed, this.#state.changed],
      wake: [
        views.placements.changed,
        context.inventory.changed,
        context.replication.changed,
        fabric.changed,
      ],
      resyncMs,
      observe: () => this.#observe(),
      decide: decideShim,
      execute: (steps) => this.#execute(steps),
    });
  }

  /** As a look into the namespace found it: a table that somebody took away is made anew, with what the agent had put into it. */
  seenInKernel({ marks, devices, waiting }: SeenRules): void {
    const { rulesMark: mark, waiting: known } = this.#state.image ?? {};
    if (waiting && known === false) this.#state.lost();
    if (mark === undefined || (marks.includes(mark) && devices.length === 2)) return;
    this.#context.ports.log.warn({ shim: this.#key }, "somebody took the shim away");
    this.#state.lost();
  }

  /** Its wiring has closed the gate: what was read before may say otherwise. */
  gateClosed(): void {
    if (this.#state.image !== undefined) this.#state.lost();
  }

  /** The function's own number of connections costs nothing: it tells when a look at the shim's is worth while. */
  tracked(flows: number | null): void {
    if (this.#state.image === undefined) return;
    const { ipv4 = 0, ipv6 = 0 } = this.count ?? {};
    this.#looks.want(flows !== null && atLeast(flows) !== atLeast(ipv4 + ipv6));
  }

  get count(): KnownCount | undefined {
    return this.#state.count;
  }

  async stop(): Promise<void> {
    this.#looks[Symbol.dispose]();
    await this.loop.stop();
  }

  #observe(): ShimSight | undefined {
    const placement = this.#placement();
    const found = placement === undefined ? undefined : this.#find(placement);
    this.#found = found;
    if (found === undefined) return undefined;
    const { wanted } = found.sight;
    const asked = new Set(wanted.lists.map(({ handoff }) => handoff));
    for (const handoff of this.#state.fetched.keys())
      if (!asked.has(handoff)) this.#state.fetched.delete(handoff);
    const isWaitedFor = ({ handoff }: { readonly handoff: number }) =>
      this.#state.image?.counts.get(handoff) !== 0;
    if (wanted.count.some(isWaitedFor)) this.#looks.want(true);
    this.#askForLists(found);
    return found.sight;
  }

  #askForLists({ seen: { shard } }: Found): void {
    const { clock, log, bus } = this.#context.ports;
    const isAsked = clock.monotonicMs() - this.#listsAskedAt < listsAskedEveryMs;
    if (isAsked || (this.#state.image?.published.size ?? 0) === 0) return;
    this.#listsAskedAt = clock.monotonicMs();
    const { tenant, group, uid: placementUid } = shard;
    void bus.flowLists.idsOf({ tenant, group, placementUid }).then(
      (there) => this.#state.publishedAre(there),
      (err: unknown) =>
        log.warn({ shim: this.#key, err }, "nobody knows whether the lists are in the stream"),
    );
  }

  /** Undefined while the shard is not wired, or its group is not placed. */
  #find(placement: ShardPlacement): Found | undefined {
    const { inventory, worlds, rules, firstShims, ports } = this.#context;
    const seen = worlds.of(placement);
    const { namespacePath, namespaceInode } = inventory.owned(placement.uid)?.holder ?? {};
    if (seen === undefined || namespacePath === undefined || namespaceInode === undefined) return undefined;
    if (!inventory.isWhole(placement.uid)) return undefined;
    const state = this.#state;
    state.inNamespace(namespaceInode);
    const ruleset = rules.of(placement, seen.group);
    const told = state.told(ports.views.shims, this.#key)?.value;
    const sight: ShimSight = {
      wanted: shimOf(seen),
      slotsKnown: seen.slots?.groupUid === placement.intentUid,
      actual: state.image,
      rulesMark: ruleset.mark,
      about: this.#about({ placement, group: seen.group }, namespaceInode, told),
      told,
    };
    const first = () => firstShims.take(placement.uid, namespaceInode);
    return { key: this.#key, seen, sight, rules: ruleset, first, namespacePath, state, ports };
  }

  #about(
    at: { readonly placement: ShardPlacement; readonly group: GroupPlacement },
    namespaceInode: number,
    told: ShimRecord | undefined,
  ): ShimSight["about"] {
    const { tenant, group, name, uid } = at.placement;
    const { fault } = this.#state;
    const keeps = this.#context.replication.keeps(at.placement, at.group);
    const flows = this.count === undefined ? undefined : this.count.ipv4 + this.count.ipv6;
    return {
      tenant,
      group,
      shard: name,
      node: this.#context.node,
      placementUid: uid,
      namespaceInode,
      flowsAtLeast: flows === undefined ? (told?.flowsAtLeast ?? 0) : atLeast(flows),
      ...(keeps === undefined ? {} : { keeps }),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  async #execute(steps: readonly ShimStep[]): Promise<void> {
    if (this.#found === undefined) return;
    const round = { ...this.#found, known: this.#knownOnce(this.#found.namespacePath) };
    const state = this.#state;
    const { log } = this.#context.ports;
    try {
      for (const step of steps) {
        log.info({ step: step.kind, shim: this.#key, why: step.why }, "step");
        await executeShimStep(step, round);
      }
    } catch (cause) {
      state.failed(cause);
      throw cause;
    }
    if (steps.every(({ kind }) => kind === "putShim")) return;
    state.fault = undefined;
    state.changed.emit(); // what is there now must be told
  }

  #knownOnce(namespacePath: string): () => Promise<readonly Flow[]> {
    const { clock } = this.#context.ports;
    let known: Promise<readonly Flow[]> | undefined;
    const read = async () => {
      const beganAt = clock.monotonicMs();
      const flows = await readKnown(namespacePath);
      this.#looks.took(clock.monotonicMs() - beganAt);
      return flows;
    };
    return () => (known ??= read());
  }
}
