/**
 * Handoffs of other kinds of groups under traffic, through strict firewalls: networks of IPv6, and slots by the client's port. Nothing
 * breaks; the same change without a handoff breaks what it moves.
 */
import { eventually } from "@weft/testkit";
import { expect, it } from "vitest";
import type { GroupOptions } from "../traffic/moving-documents.ts";
import type { Load } from "../traffic/moving-traffic.ts";
import { MovingWorld } from "../traffic/moving-world.ts";

const load: Load = { addresses: 64, tcp: 128, silent: 32, udp: 32, push: 16, everyMs: 250 };
const patience = { withinMs: 30_000 };
const kinds: readonly { readonly name: string; readonly of: Pick<GroupOptions, "family" | "affinity"> }[] = [
  { name: "of IPv6", of: { family: 6 } },
  { name: "with slots by port", of: { affinity: "connection" } },
  { name: "of IPv6 with slots by port", of: { family: 6, affinity: "connection" } },
];

it.each(kinds)(
  "a group $name keeps what is open while it grows and shrinks, by its handoff alone",
  async ({ of }) => {
    await using world = await MovingWorld.open(3, { replicas: 2, ...of });
    await world.start(load);
    await world.change({ replicas: 3, ...of });
    await world.change({ replicas: 2, ...of });
    await world.traffic.speak();
    expect(world.movedShare()).toBeGreaterThanOrEqual(0.3);
    expect((await world.seenTwice()).twice).toEqual([]);
    const sums = await world.traffic.summary();
    for (const name of ["tcp", "silent", "udp", "push"])
      expect(sums[name], name).toMatchObject({ notOpened: 0, broken: 0, wrong: 0, breakages: [] });
    expect([sums["tcp"]?.opened, sums["silent"]?.opened]).toEqual([load.tcp, load.silent]);
    await world.change({ replicas: 4, ...of, drain: "0s" });
    const broken = async () => (await world.traffic.summary())["tcp"]?.broken ?? 0;
    await eventually("connections break", async () => (await broken()) >= load.tcp / 8, patience);
  },
);
