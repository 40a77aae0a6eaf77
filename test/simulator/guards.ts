/**
 * The guards of the handoff: what each is for, where it stands, and what the source says without it. Every piece of source is found
 * exactly once, or the list is out of date. Whoever adds a guard to a decision adds it here and sees it caught.
 */

export interface Guard {
  readonly name: string;
  /** What it keeps. */
  readonly keeps: string;
  /** Below the checkout. */
  readonly file: string;
  readonly source: string;
  readonly instead: string;
}

const stitch = "libs/decide/src/stitch";
const shim = "libs/decide/src/shim";
const simulator = "test/simulator";

export const guards: readonly Guard[] = [
  {
    name: "armed before switch",
    keeps: "The network turns to a receiver only once its shim can tell whose each flow is.",
    file: `${stitch}/advance-handoffs.ts`,
    source: `return armed || (fromGone && !armsFirst(handoff, draft)) ? "switch" : "arm";`,
    instead: `return "switch";`,
  },
  {
    name: "third shard drains",
    keeps: "Slots of a failed giver wait for the receiver's lists where a third shard still drains them.",
    file: `${stitch}/failed-shards.ts`,
    source: `return armed || !armsFirst(handoff, draft) ? "switch" : "arm";`,
    instead: `return "switch";`,
  },
  {
    name: "policies back to the giver",
    keeps: "When a receiver fails after the switch, the network sends to the giver until another is armed.",
    file: `${stitch}/failed-shards.ts`,
    source: `else if (handoff.phase === "switch") handoff.phase = "arm";`,
    instead: ``,
  },
  {
    name: "failed receiver forgets",
    keeps: "A receiver that failed forgets the flows that it took meanwhile, before it has slots again.",
    file: `${stitch}/failed-shards.ts`,
    source: `for (const [shard, slots] of lost) draft.mustForget(shard, slots);`,
    instead: ``,
  },
  {
    name: "receiver that nobody follows",
    keeps:
      "A receiver that failed while it left stays until no chassis sends to it, also where its slots go back.",
    file: `${stitch}/move-slots.ts`,
    source: `losers.push(handoff.to);`,
    instead: ``,
  },
  {
    name: "waits for forgetting",
    keeps: "The handoff of a giver that failed stays until that shard says that it has forgotten its flows.",
    file: `${stitch}/advance-handoffs.ts`,
    source: `return mustForget ? [handoff] : [];`,
    instead: `return [];`,
  },
  {
    name: "ready shards alone",
    keeps: "No slot goes to a shard before a probe has passed through it.",
    file: `${stitch}/slots-draft.ts`,
    source: `if (sign === undefined || !sign.ready || sign.shim === undefined) return false;`,
    instead: `if (sign === undefined || sign.shim === undefined) return false;`,
  },
  {
    name: "every chassis has switched",
    keeps: "A handoff drains only once every chassis that lives sends to the new owner.",
    file: `${stitch}/decide-stitch.ts`,
    source: `const inForce = !changing && switching(group, plan, seen) === undefined;`,
    instead: `const inForce = !changing;`,
  },
  {
    name: "no settling while changing",
    keeps: "A round that changes the network takes nothing for in force yet.",
    file: `${stitch}/decide-stitch.ts`,
    source: `const inForce = !changing && switching(group, plan, seen) === undefined;`,
    instead: `const inForce = switching(group, plan, seen) === undefined;`,
  },
  {
    name: "drained before over",
    keeps:
      "A handoff stands, and with it the lists at the new owner, until the giver knows no flow of its slots.",
    file: `${stitch}/advance-handoffs.ts`,
    source: `if (said?.reached === "drained") return [];`,
    instead: `return [];`,
  },
  {
    name: "the drain's time",
    keeps: "Flows of a shard that leaves are waited for until its deadline.",
    file: `${stitch}/advance-handoffs.ts`,
    source: `return end !== undefined && instantMs(sight.now) >= end;`,
    instead: `return end !== undefined;`,
  },
  {
    name: "home again",
    keeps: "A slot that comes back to a shard which still drains it is not drained any more.",
    file: `${stitch}/record-slots.ts`,
    source: `earlier.slots = earlier.slots.filter((slot) => !back.has(slot));`,
    instead: `earlier.slots = [...earlier.slots];`,
  },
  {
    name: "in flight once",
    keeps: "A slot in flight does not begin another handoff.",
    file: `${stitch}/move-slots.ts`,
    source: `if (inFlight.has(slot)) return;`,
    instead: ``,
  },
  {
    name: "held by slots",
    keeps: "A shard that owns slots, or stands in a handoff, is not taken away.",
    file: "libs/decide/src/provision/may-leave.ts",
    source: `return noted && !isHeldBySlots(record, placement.name);`,
    instead: `return noted;`,
  },
  {
    name: "armed when it is",
    keeps: "A shim says armed only once it steers as wanted and holds every list with flows of its slots.",
    file: `${shim}/shim-progress.ts`,
    source: `if (isArmed(duty, wanted, actual)) says(duty.handoff, "armed");`,
    instead: `says(duty.handoff, "armed");`,
  },
  {
    name: "frozen before listed",
    keeps: "The known flows are listed only once new ones go elsewhere.",
    file: `${shim}/decide-shim.ts`,
    source: `...frozen.map(publishing),`,
    instead: `...listable(wanted, actual, wanted.next).map(publishing),`,
  },
  {
    name: "drained at none",
    keeps: "A shim says drained only once it has counted and found no flow.",
    file: `${shim}/shim-progress.ts`,
    source: `says(handoff, flows === 0 ? "drained" : "draining", flows);`,
    instead: `says(handoff, "drained", flows);`,
  },
  {
    name: "next at the giver",
    keeps: "From freeze on a giver hands unknown flows to the receiver.",
    file: `${shim}/wanted-shim.ts`,
    source: `if (from === name) for (const slot of slots) targets.set(slot, receivers[slot] ?? null);`,
    instead: ``,
  },
  {
    name: "lists travel along",
    keeps: "A receiver loads the lists of all that still drain its slots, not only its giver's.",
    file: `${shim}/wanted-shim.ts`,
    source: `handoff.from !== name && isArming(handoff))`,
    instead: `handoff.from !== name && handoff.to === name && isArming(handoff))`,
  },
  {
    name: "nothing to a dead giver",
    keeps: "No list of a giver that failed is loaded: it may be gone.",
    file: `${shim}/wanted-shim.ts`,
    source: `.filter((handoff) => !handoff.fromGone && handoff.from !== name`,
    instead: `.filter((handoff) => handoff.from !== name`,
  },
  {
    name: "forgets when told",
    keeps: "A shard that was thought dead forgets every flow.",
    file: `${shim}/wanted-shim.ts`,
    source: `forget: duties(given.filter(({ fromGone, phase }) => fromGone && phase === "done")),`,
    instead: `forget: [],`,
  },
  {
    name: "nothing passes before it is steered",
    keeps: "A namespace that took a killed one's place lets nothing pass until it knows whose each flow is.",
    file: `${shim}/first-sight.ts`,
    source: `return next.size > 0 || prev.size > 0 || lists.length > 0;`,
    instead: `return false;`,
  },
  {
    name: "peers are not handed on",
    keeps: "A frame from a peer is delivered, whatever the sets say.",
    file: `${simulator}/steering.ts`,
    source: `return local;\n    }\n    if (this.knows(flow))`,
    instead: `}\n    if (this.knows(flow))`,
  },
  {
    name: "flows from peers are noted",
    keeps: "A new flow that a peer hands on is known from its first packet.",
    file: `${simulator}/steering.ts`,
    source: `if (opens) this.#learn(flow, slot); // 1`,
    instead: `// 1`,
  },
  {
    name: "known stay",
    keeps: "A flow that a shard knows is its own, frozen or not.",
    file: `${simulator}/steering.ts`,
    source: `if (this.knows(flow)) return local; // 3`,
    instead: `// 3`,
  },
  {
    name: "owner before next",
    keeps: "Flows of others go to their owners while the slot moves on.",
    file: `${simulator}/steering.ts`,
    source: `if (owner !== undefined) return handOn(owner, "owner"); // 4`,
    instead: `// 4`,
  },
  {
    name: "fenced northbound",
    keeps: "A leader that slept changes nothing in the network any more.",
    file: `${simulator}/northbound.ts`,
    source: `if (epoch !== this.epoch) return false;`,
    instead: ``,
  },
  {
    name: "fenced records",
    keeps: "A record is written only from the revision that it was decided from.",
    file: `${simulator}/bucket.ts`,
    source: `if (ifRevision !== undefined && (before.get(key)?.revision ?? 0) !== ifRevision) return false;`,
    instead: ``,
  },
];
