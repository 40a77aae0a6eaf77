/**
 * One look into placements' namespaces, all by one shell that stays: what is asked of each, and what the answers say of its shim,
 * its configuration and its wiring. Notes that in Drifts; when to look is inside-watch.ts's.
 */
import type { SeenPlacement } from "@weft/decide";
import { HostShell } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import type { InstancePlacement } from "@weft/schemas";
import type { Inventory } from "../inventory.ts";
import { chainsListed, rulesIn } from "../shim/shim-kernel.ts";
import type { SeenRules } from "../shim/shim-kernel.ts";
import { placesOf } from "../wiring/plan.ts";
import type { Place } from "../wiring/plan.ts";
import type { Drifts } from "./drifts.ts";
import type { Looked, Question } from "./look-script.ts";
import {
  firstLost,
  hostQuestion,
  hostScript,
  insideScript,
  lookScript,
  questionId,
  readLook,
} from "./look-script.ts";
import type { OwnChanges } from "./own-changes.ts";
import { placeContext } from "./place-context.ts";
import type { RulesInForce } from "./rules-in-force.ts";
import { wiringDrift } from "./wiring-drift.ts";

export interface LookPorts {
  readonly inventory: Inventory;
  readonly drifts: Drifts;
  readonly rules: RulesInForce;
  readonly placements: () => readonly SeenPlacement[];
  readonly checksumOffload: boolean;
  readonly shimSeen: (uid: string, rules: SeenRules) => void;
}

/** All of a placement, or what its function and its shim have in force alone. */
export type Depth = "all" | "rules";

interface Answered {
  readonly answers: ReadonlyMap<string, Looked>;
  readonly depth: Depth;
}

export class InsideLook implements Disposable {
  readonly #ports: LookPorts;
  readonly #changes: OwnChanges;
  readonly #shell = new HostShell();

  constructor(ports: LookPorts, changes: OwnChanges) {
    this.#ports = ports;
    this.#changes = changes;
  }

  /** Resolves to those that a change of this agent's own overtook: nothing is noted of them. */
  async look(uids: readonly string[], depth: Depth): Promise<string[]> {
    const asked = new Set(uids);
    const targets = this.#ports.placements().filter(({ placement }) => asked.has(placement.uid));
    const places = new Map(targets.map((target) => [target, this.#placesOf(target, depth)]));
    const questions = [...places].flatMap(([{ placement }, own]) =>
      own.map((place, index) => this.#question(placement, { index, place, depth })),
    );
    if (questions.length === 0) return [];
    const host: Question[] =
      depth === "all" ? [{ id: hostQuestion, namespacePath: undefined, script: hostScript }] : [];
    const isOvertaken = this.#changes.sinceNow();
    const answers = readLook(await this.#shell.run(lookScript([...host, ...questions])));
    const overtaken = uids.filter(isOvertaken);
    for (const [target, own] of places)
      if (!overtaken.includes(target.placement.uid)) this.#note(target, own, { answers, depth });
    return overtaken;
  }

  #placesOf({ placement }: SeenPlacement, depth: Depth): Place[] {
    const { inventory, checksumOffload } = this.#ports;
    const holder = inventory.owned(placement.uid)?.holder;
    if (!inventory.isWired(placement.uid)) return [];
    const opened = inventory.liveConfig(placement.uid) !== undefined;
    const context = placeContext(placement, holder, { opened, live: true, checksumOffload });
    const places = context === undefined ? [] : placesOf(placement, context);
    return depth === "all" ? places : places.slice(0, 1);
  }

  #question(
    placement: InstancePlacement,
    { index, place, depth }: { readonly index: number; readonly place: Place; readonly depth: Depth },
  ): Question {
    const { path: namespacePath, contents } = place;
    const own = index === 0 && placement.kind === "shard";
    const live = own && this.#ports.inventory.liveConfig(placement.uid) !== undefined;
    return {
      id: questionId(placement.uid, index),
      namespacePath,
      ...(depth === "all" ? { script: insideScript(contents) } : {}),
      ...(live ? { rules: functionOf(placement).inForce.argv } : {}),
      ...(own ? { chains: ["nft", ...chainsListed] } : {}),
    };
  }

  #note({ placement }: SeenPlacement, places: readonly Place[], { answers, depth }: Answered): void {
    const { drifts, shimSeen } = this.#ports;
    const { uid } = placement;
    const { chains, rules } = answers.get(questionId(uid, 0)) ?? {};
    if (chains !== undefined) shimSeen(uid, rulesIn(chains));
    const config = this.#lostRule(uid, rules);
    const { config: _, ...before } = drifts.of(uid);
    const wiring = depth === "all" ? wiringDrift(placement, places, answers) : before;
    drifts.note(uid, { ...wiring, ...(config === undefined ? {} : { config }) });
  }

  #lostRule(uid: string, now: readonly string[] | undefined): string | undefined {
    const { rules, drifts } = this.#ports;
    if (now === undefined) return drifts.of(uid).config;
    const wanted = rules.get(uid);
    if (wanted !== undefined) return firstLost(wanted, now);
    if (now.length > 0) rules.keep(uid, now);
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
  }
}
