/** Sets that have no room left: what is not remembered is not known to be anybody's, and passes all the same. */
import type { Case } from "./flow-cases.ts";
import { atNew } from "./stage.ts";

/** For flows, and for fragmented datagrams on each side, of each family. */
export const room = 2;
const opened = 12;
const unknown = opened - 2 * room;
const big = { kind: "udp", bytes: 4_000 } as const;
const asked = 5;

export const fullCases: readonly Case[] = [
  {
    claim: "connections open and go on, and fragments pass",
    play: async (stage) => {
      const group = await stage.open({ count: opened });
      const broken = await stage.speak(group);
      const known = (await stage.rig.known("old")).length;
      return { broken, known, lost: await stage.ask(await stage.open(big), asked) };
    },
    must: { broken: 0, known: 2 * room, lost: 0 },
    without: [],
  },
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
  {
    claim: "what an old owner could not remember comes to it by the slot, and what is new opens",
    play: async (stage) => {
      const group = await stage.open({ count: opened });
      await stage.steer("old", { next: "new" });
      const flows = await stage.known("old");
      await stage.steer("new", { prev: "old", owner: { of: "old", flows } });
      await stage.rig.send(atNew);
      const broken = await stage.speak(group);
      return { broken, later: await stage.broken(await stage.open({ count: opened })) };
    },
    must: { broken: 0, later: 0 },
    without: [{ lines: /handed_to_prev/, gives: { broken: unknown, later: 0 } }],
  },
];
