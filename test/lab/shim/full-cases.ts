/** Sets that have no room left: what is not remembered is not known to be anybody's, and passes all the same. */
import type { Case } from "./flow-cases.ts";
import { atNew } from "./stage.ts";

/** For flows, and for fragmented datagrams on each side, of each family. */
export const room = 2;
const opened = 12;
const unknown = opened - 2 * room;
const big = { kind: "udp", bytes: 4_000 } as const;
const asked = 5;

export const fullKnownCases: readonly Case[] = [
  {
    claim: "connections open and go on, and fragments pass",
    play: async (stage) => {
      const broken = await stage.speak(await stage.open({ count: opened }));
      return { broken, lost: await stage.ask(await stage.open(big), asked) };
    },
    must: { broken: 0, lost: 0 },
    without: [{ lines: /_later ether daddr \S+ accept$/, gives: { broken: 0, lost: 2 * asked } }],
  },
  {
    claim: "what found no room is listed all the same and comes back to its owner; what is new opens",
    play: async (stage) => {
      const group = await stage.open({ count: opened });
      await stage.steer("old", { next: "new" });
      const flows = await stage.known("old");
      await stage.steer("new", { owner: { of: "old", flows } });
      await stage.rig.send(atNew);
      const broken = await stage.speak(group);
      return { listed: flows.length, broken, later: await stage.broken(await stage.open({ count: opened })) };
    },
    must: { listed: opened, broken: 0, later: 0 },
    without: [{ lines: /update @unrecorded/, gives: { listed: 2 * room, broken: unknown, later: 0 } }],
  },
  {
    claim: "what found no room stays when its slot was elsewhere and is back",
    play: async (stage) => {
      const group = await stage.open({ count: opened });
      await stage.steer("old", { prev: "new" });
      return { broken: await stage.speak(group) };
    },
    must: { broken: 0 },
    without: [{ lines: /@unrecorded_\d accept$/, gives: { broken: unknown } }],
  },
  {
    claim: "what nobody listed comes to its owner by the slot",
    play: async (stage) => {
      const group = await stage.open({ count: opened });
      await stage.steer("new", { prev: "old" });
      await stage.rig.send(atNew);
      return { broken: await stage.speak(group) };
    },
    must: { broken: 0 },
    without: [{ lines: /handed_to_prev/, gives: { broken: opened } }],
  },
];

/** The map that later fragments go by has no room either. */
export const fullFragmentsCases: readonly Case[] = [
  {
    claim: "fragments of a flow that is known stay, though its slot is being given away",
    play: async (stage) => {
      const group = await stage.open(big);
      await stage.steer("old", { next: "new" });
      return { lost: await stage.ask(group, asked) };
    },
    must: { lost: 0 },
    without: [{ lines: /_first \S.* goto \w+_ports$/, gives: { lost: 2 * asked } }],
  },
];
