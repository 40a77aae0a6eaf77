/** What is not told by a flow's own header: fragments, ICMP errors, the shard's own addresses; and sets that have no room left. */
import type { Case } from "./flow-cases.ts";
import { inside } from "./rig.ts";
import type { Stage } from "./stage.ts";
import { atNew } from "./stage.ts";

/** Three fragments each, there and back. */
const big = { kind: "udp", bytes: 4_000 } as const;
const asked = 5;
const narrowMtu = 1_300;

export const datagramCases: readonly Case[] = [
  {
    claim: "later fragments go where their first one went",
    play: async (stage) => {
      const group = await stage.open(big);
      await stage.steer("new", { owner: { of: "old", flows: await stage.known("old") } });
      await stage.rig.send(atNew);
      return { lost: await stage.ask(group, asked) };
    },
    must: { lost: 0 },
    without: [{ lines: /goto \w+_later$/, gives: { lost: 2 * asked } }],
  },
  {
    claim: "later fragments of a flow that stays are not taken for new ones",
    play: async (stage) => {
      const group = await stage.open(big);
      await stage.steer("old", { next: "new" });
      return { lost: await stage.ask(group, asked) };
    },
    must: { lost: 0 },
    // Of IPv6 the kernel tells no port of a later fragment: it is nobody's, so it stays.
    without: [{ lines: /goto \w+_(later|early|first)$/, gives: { lost: asked } }],
  },
  {
    claim: "later fragments that overtake their first one go by client and server",
    play: async (stage) => {
      const group = await stage.open(big);
      await stage.steer("new", { owner: { of: "old", flows: await stage.known("old", { pairs: true }) } });
      await stage.rig.send(atNew);
      await slowFirstFragments();
      const early = await stage.rig.counter("new", "fragment_early");
      const isLost = (await stage.ask(group, asked)) > 0;
      const overtook = (await stage.rig.counter("new", "fragment_early")) > early;
      await evenFragments();
      return { isLost, overtook };
    },
    must: { isLost: false, overtook: true },
    without: [{ lines: /_early ether daddr set .* map @owner/, gives: { isLost: true, overtook: true } }],
  },
  {
    claim: "the error that a path is too narrow reaches who owns the flow: on the side of the server",
    play: (stage) => narrowPath(stage, "far-hop", { bytes: 8_000, answerBytes: 100 }),
    must: { broken: 0 },
    without: [{ lines: /handed_error/, gives: { broken: 2 } }],
  },
  {
    claim: "the error that a path is too narrow reaches who owns the flow: on the side of the client",
    play: (stage) => narrowPath(stage, "near-hop", { bytes: 100, answerBytes: 8_000 }),
    must: { broken: 0 },
    without: [{ lines: /handed_error/, gives: { broken: 2 } }],
  },
  {
    claim: "what is for the shard itself stays, whatever slot its sender is in",
    play: async (stage) => {
      // The router's own address on the shards' switch ends with 1.
      await stage.rig.steer("old", [1], { next: "new" });
      const before = await stage.rig.counter("old", "handed_to_next");
      const pings = ["100.70.0.2", "fd71::2"].map((address) =>
        inside("router", "ping", "", "-c", "1", "-W", "1", address),
      );
      await Promise.all(pings);
      return { isHandedOn: (await stage.rig.counter("old", "handed_to_next")) > before };
    },
    must: { isHandedOn: false },
    without: [{ lines: /daddr @self_\d accept/, gives: { isHandedOn: true } }],
  },
];

/** Connections that came to their owner by way of another shard, then a path that is narrower than it was. */
async function narrowPath(
  stage: Stage,
  hop: "near-hop" | "far-hop",
  sizes: { readonly bytes: number; readonly answerBytes: number },
) {
  const group = await stage.open(sizes);
  await stage.steer("new", { owner: { of: "old", flows: await stage.known("old") } });
  await stage.rig.send(atNew);
  await setMtu(hop, narrowMtu);
  const broken = await stage.speak(group);
  await setMtu(hop, 1_500);
  return { broken };
}

async function setMtu(hop: "near-hop" | "far-hop", mtu: number): Promise<void> {
  await inside(hop, "ip", "", "link", "set", "narrow", "mtu", String(mtu));
  for (const end of ["client", "server"] as const)
    for (const family of ["-4", "-6"]) await inside(end, "ip", "", family, "route", "flush", "cache");
}

/** Both hops send later fragments at once and first ones through a queue that is slow. */
async function slowFirstFragments(): Promise<void> {
  for (const hop of ["near-hop", "far-hop"] as const) {
    const tc = (...args: string[]) => inside(hop, "tc", "", ...args);
    await tc("qdisc", "add", "dev", "wide", "root", "handle", "1:", "htb", "default", "1");
    const classes = { "1:1": "10gbit", "1:2": "4mbit" };
    for (const [id, rate] of Object.entries(classes))
      await tc(
        ..."class add dev wide parent 1: classid".split(" "),
        id,
        "htb",
        "rate",
        rate,
        "burst",
        "1600",
      );
    await inside(hop, "nft", firstFragmentsSlow);
  }
}

async function evenFragments(): Promise<void> {
  for (const hop of ["near-hop", "far-hop"] as const) {
    await inside(hop, "tc", "", "qdisc", "delete", "dev", "wide", "root");
    await inside(hop, "nft", "delete table inet slow\n");
  }
}

const firstFragmentsSlow = `table inet slow {
  chain out {
    type filter hook postrouting priority 0;
    ip frag-off & 0x3fff == 0x2000 meta priority set 1:2
    frag frag-off 0 frag more-fragments 1 meta priority set 1:2
  }
}
`;
