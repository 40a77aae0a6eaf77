/**
 * `npm run bench -- movement`: how many slots change hands when a group gains or loses a shard, how evenly neighbours spread, and how many
 * masks that takes; and which share of flows moves from four shards to five, beside OVN's own ECMP and a select group of Open vSwitch.
 * Slots are decided by the services' own function; the peers run as programs on packets, without a lab.
 */
import { assignSlots, masksOf } from "@weft/decide";
import { slotCount } from "@weft/schemas";
import type { Bench, Figure } from "./harness/bench.ts";
import type { Flow, Peer } from "./movement/peers.ts";
import { ovnEcmp, selectGroup, versions } from "./movement/peers.ts";

type Owners = readonly (string | null)[];

const most = 32;
const neighbours = 40;
/** Paths that end at four shards, as operators take them. */
const pathsToFour = [[4], [1, 4], [2, 4], [1, 2, 3, 4], [2, 4, 3, 6, 4], [1, 2, 3, 4, 5, 4]] as const;
const flows: readonly Flow[] = Array.from({ length: 2_000 }, (_, index) => ({
  client: `10.1.0.${16 + (index % 200)}`,
  clientPort: 32_768 + 2 * index,
}));

export const bench: Bench = {
  name: "movement",
  compares:
    "slots that change hands at n→n+1 and, whichever shard leaves, at n→n−1, for n from 2 to 32, with the fewest that an even share allows; the " +
    "busiest of 4 shards with 40 neighbours; masks a shard at each size while a group grows from 1 to 32. Of 2,000 flows the share that " +
    "another of the targets gets at 4→5: Weft's slots, OVN's policy with several next hops (dp_hash), a select group of Open vSwitch (hash)",
  bounds: [
    { figure: "slots moved by ideal, a shard joins", plus: 1.05, by: "worst" },
    { figure: "slots moved by ideal, a shard leaves", plus: 1.05, by: "worst" },
    { figure: "busiest of 4 by mean, 40 neighbours", plus: 1.3, by: "worst" },
    { figure: "masks of a shard after growth", plus: 7, by: "worst" },
    { figure: "flows moved at 4→5, Weft", times: 1, of: "flows moved at 4→5, OVN ECMP (dp_hash)" },
  ],
  measure: async (say) => {
    const grown = growth();
    say("OVN and Open vSwitch on 2,000 flows");
    const peers = { ovn: await ovnEcmp(flows), ovs: await selectGroup(flows) };
    const [four, five] = [ownersAt(grown, 4), ownersAt(grown, 5)];
    const ours =
      flows.filter(({ client }) => four[slotOf(client)] !== five[slotOf(client)]).length / flows.length;
    return {
      figures: {
        "slots moved by ideal, a shard joins": ratio(joins(grown)),
        "slots moved by ideal, a shard leaves": ratio(leaves(grown)),
        "busiest of 4 by mean, 40 neighbours": ratio(pathsToFour.map((path) => busiest(along(path)))),
        "busiest of 4 by mean, shrunk from 32": ratio([busiest(along(shrinkingTo4()))]),
        "masks of a shard after growth": { unit: "count", runs: grown.slice(0, most).map(mostMasks) },
        "flows moved at 4→5, Weft": ratio([ours]),
        "flows moved at 4→5, OVN ECMP (dp_hash)": ratio([movedOf(peers.ovn)]),
        "flows moved at 4→5, OVS group (hash)": ratio([movedOf(peers.ovs)]),
      },
      facts: { flows: flows.length, "ideal share at 4→5": 0.2, ...(await versions()) },
    };
  },
};

function ratio(runs: readonly number[]): Figure {
  return { unit: "ratio", runs };
}

function shards(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `fw-${index}`, index }));
}

function along(path: readonly number[]): Owners {
  return path.reduce<Owners>((owners, count) => assignSlots(owners, shards(count)), []);
}

/** One shard more each time, from 1 on. */
function growth(): Owners[] {
  const all: Owners[] = [];
  for (let count = 1; count <= most + 1; count += 1) all.push(assignSlots(all.at(-1) ?? [], shards(count)));
  return all;
}

function shrinkingTo4(): number[] {
  const down = Array.from({ length: most - 3 }, (_, step) => most - step);
  return [...down.toReversed(), ...down];
}

function ownersAt(grown: readonly Owners[], count: number): Owners {
  return grown[count - 1] ?? [];
}

/** Of an even share nobody can have less than this, so a joiner gets no less. */
function joins(grown: readonly Owners[]): number[] {
  return sizesFrom2().map((count) => {
    const moved = changed(ownersAt(grown, count), ownersAt(grown, count + 1));
    return moved / Math.floor(slotCount / (count + 1));
  });
}

/** What the leaver owned must move, and nothing else. */
function leaves(grown: readonly Owners[]): number[] {
  return sizesFrom2().flatMap((count) =>
    shards(count).map(({ name }) => {
      const before = ownersAt(grown, count);
      const after = assignSlots(
        before,
        shards(count).filter((shard) => shard.name !== name),
      );
      return changed(before, after) / before.filter((owner) => owner === name).length;
    }),
  );
}

function sizesFrom2(): number[] {
  return Array.from({ length: most - 1 }, (_, index) => index + 2);
}

function changed(before: Owners, after: Owners): number {
  return after.filter((owner, slot) => owner !== before[slot]).length;
}

/** Wherever the 40 begin: the clients of the busiest shard by the mean. */
function busiest(owners: Owners): number {
  const worst = Array.from({ length: slotCount }, (_, first) => {
    const counts = new Map<string | null, number>();
    for (let nth = 0; nth < neighbours; nth += 1) {
      const owner = owners[(first + nth) % slotCount] ?? null;
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    return Math.max(...counts.values());
  });
  return Math.max(...worst) / (neighbours / 4);
}

function mostMasks(owners: Owners): number {
  const counts = new Map<string, number>();
  for (const { owner } of masksOf(owners)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return Math.max(...counts.values());
}

function slotOf(client: string): number {
  return Number(client.split(".").at(-1));
}

function movedOf({ four, five }: Peer): number {
  return [...four].filter(([flow, target]) => five.get(flow) !== target).length / four.size;
}
