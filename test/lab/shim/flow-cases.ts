/** Connections between an old owner of a slot and a new one: what each rule of the shims is there for, and what is without it. */
import { inside } from "./rig.ts";
import type { Stage } from "./stage.ts";
import { atNew } from "./stage.ts";

/** Numbers are of flows or seconds: of both families there is one flow each. */
export type Outcome = Readonly<Record<string, number | boolean>>;

export interface Case {
  readonly claim: string;
  readonly play: (stage: Stage) => Promise<Outcome>;
  readonly must: Outcome;
  /** What comes of it when these rules are taken out of both shims: the name of the chain, then the rule. */
  readonly without: readonly { readonly lines: RegExp; readonly gives: Outcome }[];
}

export const flowCases: readonly Case[] = [
  {
    claim: "a flow that is known stays, though its slot is being given away",
    play: async (stage) => {
      const group = await stage.open();
      await stage.steer("old", { next: "new" });
      return { broken: await stage.speak(group) };
    },
    must: { broken: 0 },
    without: [{ lines: /jump \w+_ports_known/, gives: { broken: 2 } }],
  },
  {
    claim: "a flow that begins goes to the next owner, in both directions",
    play: async (stage) => {
      await stage.steer("old", { next: "new" });
      let broken = 0;
      const opened = await stage.opening(async () => {
        const group = await stage.open();
        broken = await stage.broken(group);
      });
      return { broken, ...opened };
    },
    must: { broken: 0, old: 0, new: 2 },
    without: [{ lines: /handed_to_next/, gives: { broken: 0, old: 2, new: 0 } }],
  },
  {
    claim: "a flow on a list comes back to who owns it",
    play: async (stage) => {
      const group = await stage.open();
      await stage.steer("new", { owner: { of: "old", flows: await stage.known("old") } });
      await stage.rig.send(atNew);
      return { broken: await stage.speak(group) };
    },
    must: { broken: 0 },
    without: [{ lines: /handed_by_flow/, gives: { broken: 2 } }],
  },
  {
    claim: "a flow that nobody listed goes to the previous owner",
    play: async (stage) => {
      const group = await stage.open();
      await stage.steer("new", { prev: "old" });
      await stage.rig.send(atNew);
      return { broken: await stage.speak(group) };
    },
    must: { broken: 0 },
    without: [{ lines: /handed_to_prev/, gives: { broken: 2 } }],
  },
  {
    claim: "a flow that begins at the new owner is its own",
    play: async (stage) => {
      await stage.steer("new", { prev: "old" });
      await stage.rig.send(atNew);
      return stage.opening(() => stage.open());
    },
    must: { old: 0, new: 2 },
    without: [{ lines: /counter name recorded|@unrecorded/, gives: { old: 2, new: 0 } }],
  },
  {
    claim: "a handshake whose halves come to two shards opens",
    play: async (stage) => {
      await stage.steer("old", { next: "new" });
      await stage.steer("new", { prev: "old" });
      await stage.rig.send({ toServers: "new", toClients: "old" });
      return { broken: await stage.broken(await stage.open()) };
    },
    must: { broken: 0 },
    without: [{ lines: /handed_to_next/, gives: { broken: 2 } }],
  },
  {
    claim: "a connection that the server opened comes back to who owns it",
    play: async (stage) => {
      await listenAtClient(stage);
      const group = await stage.open({ by: "server" });
      await stage.steer("new", { owner: { of: "old", flows: await stage.known("old") } });
      await stage.rig.send(atNew);
      return { broken: await stage.speak(group, "server") };
    },
    must: { broken: 0 },
    without: [
      { lines: /handed_by_flow/, gives: { broken: 2 } },
      { lines: /counter name recorded|@unrecorded/, gives: { broken: 2 } },
    ],
  },
  {
    claim: "one that the server opens while the slot is being given goes to the next owner",
    play: async (stage) => {
      await listenAtClient(stage);
      await stage.steer("old", { next: "new" });
      return stage.opening(() => stage.open({ by: "server" }));
    },
    must: { old: 0, new: 2 },
    without: [{ lines: /handed_to_next/, gives: { old: 2, new: 0 } }],
  },
  {
    claim: "the end of a connection is heard by who owns it, also by way of the new owner",
    play: async (stage) => {
      const group = await stage.open();
      await stage.steer("new", { owner: { of: "old", flows: await stage.known("old") } });
      await stage.rig.send(atNew);
      await stage.ends.near.order({ op: "close", group });
      const isClosing = await stage.soon(async () => (await stage.expires("old")) <= 120);
      return { isClosing };
    },
    must: { isClosing: true },
    without: [
      { lines: /_ports_peer jump/, gives: { isClosing: false } },
      { lines: /flags & \(fin \| rst\)/, gives: { isClosing: false } },
    ],
  },
  {
    claim: "a handshake that nobody ends is not remembered for longer than it takes",
    play: async (stage) => {
      // The client hears the answer, and nothing that it says after it leaves it.
      await inside("client", "nft", muteAfterSyn(stage.clients));
      await stage.open();
      await inside("client", "nft", "delete table inet mute\n");
      return { isShort: (await stage.expires("old")) <= 30 };
    },
    must: { isShort: true },
    without: [{ lines: /tcp flags & syn == syn/, gives: { isShort: false } }],
  },
  {
    claim: "what a peer handed on is never handed on again",
    play: async (stage) => {
      const group = await stage.open();
      await stage.rig.forget("old");
      await stage.steer("old", { next: "new" });
      await stage.steer("new", { prev: "old" });
      const before = await stage.rig.counter("new", "handed_to_prev");
      const broken = await stage.speak(group);
      const turns = (await stage.rig.counter("new", "handed_to_prev")) - before;
      await Promise.all([stage.steer("old", {}), stage.steer("new", {})]);
      return { broken, isLoop: turns > 100 };
    },
    must: { broken: 2, isLoop: false },
    without: [{ lines: /counter name from_peer/, gives: { broken: 2, isLoop: true } }],
  },
];

async function listenAtClient(stage: Stage): Promise<void> {
  await stage.ends.near.order({ op: "listen", addresses: stage.clients, port: 7000 });
}

function muteAfterSyn([v4, v6]: readonly string[]): string {
  return `table inet mute { chain output { type filter hook output priority 0;
    tcp flags & syn == syn accept
    ip saddr ${v4} drop
    ip6 saddr ${v6} drop
  }\n}\n`;
}
