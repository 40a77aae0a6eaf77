/**
 * `npm run bench -- namespaces`: 200 namespaces that reach each other, made and removed by Weft, by Mininet and by hand.
 * Starts a lab of one node, and beside it a user-space Open vSwitch for the two others; needs root and no lab running.
 * The contestants are in namespaces/.
 */
import type { Bench, Figure } from "./harness/bench.ts";
import { interleaved, seconds, timed } from "./harness/measure.ts";
import { ByHand } from "./namespaces/by-hand.ts";
import { Mininet } from "./namespaces/mininet.ts";
import { pingAll } from "./namespaces/ping-all.ts";
import { startPlainSwitch } from "./namespaces/plain-switch.ts";
import { WeftNamespaces } from "./namespaces/weft.ts";

const count = 200;
const lookEveryMs = 10;
const goneWithinMs = 120_000;
const rounds = { rounds: 5, warmUps: 1 };

export const bench: Bench = {
  name: "namespaces",
  compares:
    "200 network namespaces on one user-space Open vSwitch, up until each has pinged the first, then down until no namespace, link, " +
    "port of the datapath or logical port is left. Weft: from applying 200 workloads, through records, scheduler, agent and OVN; " +
    "Mininet: single,200 without a controller, its Python loaded; by hand: one `ip -batch` and one OVSDB transaction each way",
  bounds: [
    { figure: "up and down, weft", times: 0.4, of: "up and down, mininet" },
    { figure: "up and down, weft", times: 1.5, of: "up and down, by hand" },
  ],
  measure: async (say) => {
    say("a lab of one node");
    await using weft = await WeftNamespaces.start(count);
    await using plain = await startPlainSwitch();
    await using hand = await ByHand.on(plain, count);
    await using mininet = await Mininet.load(plain, count);
    const empty = await plain.ports();
    const plainPorts = async () => (await plain.ports()) - empty;
    const parts = new Parts();
    const run = (name: string, contestant: Contestant) => async () => {
      const taken = await upAndDown(contestant);
      parts.note(name, taken);
      say(`${name}: up ${taken.up.toFixed(2)} s, down ${taken.down.toFixed(2)} s`);
      return taken.up + taken.down;
    };
    const runs = await interleaved(rounds, {
      "up and down, weft": run(
        "weft",
        contestantOf(weft, { ports: () => weft.datapathPorts(), left: () => weft.left() }),
      ),
      "up and down, mininet": run("mininet", contestantOf(mininet, { ports: plainPorts })),
      "up and down, by hand": run("by hand", contestantOf(hand, { ports: plainPorts })),
    });
    return { figures: { ...seconds(runs), ...parts.figures() } };
  },
};

interface Maker {
  readonly first: string;
  up(): Promise<void>;
  down(): Promise<void>;
  namespaces(): string[];
}
interface Left {
  /** Of its datapath, beyond those that are always there. */
  ports(): Promise<number>;
  /** Anything else that should not be there any more. */
  left?(): Promise<string[]>;
}
type Contestant = Maker & Left;
interface Taken {
  readonly up: number;
  readonly down: number;
}

function contestantOf(maker: Maker, left: Left): Contestant {
  return {
    get first() {
      return maker.first;
    },
    up: () => maker.up(),
    down: () => maker.down(),
    namespaces: () => maker.namespaces(),
    ...left,
  };
}

async function upAndDown(contestant: Contestant): Promise<Taken> {
  const up = await timed(async () => {
    await contestant.up();
    await pingAll(contestant.namespaces(), contestant.first);
  });
  const down = await timed(async () => {
    await contestant.down();
    await untilNoPort(contestant);
  });
  const left = (await contestant.left?.()) ?? [];
  if (left.length > 0) throw new Error(`down left ${left.length} things, such as ${left[0] ?? ""}`);
  return { up, down };
}

/** Looked at often, since the wait is what is measured. */
async function untilNoPort(contestant: Contestant): Promise<void> {
  const deadline = performance.now() + goneWithinMs;
  for (let left = await contestant.ports(); left > 0; left = await contestant.ports()) {
    if (performance.now() > deadline) throw new Error(`${left} ports are left after ${goneWithinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Up and down by themselves, beside their sum; without the warm-ups. */
class Parts {
  readonly #taken = new Map<string, Taken[]>();

  note(name: string, taken: Taken): void {
    this.#taken.set(name, [...(this.#taken.get(name) ?? []), taken]);
  }

  figures(): Record<string, Figure> {
    const figures = [...this.#taken].flatMap(([name, all]) => {
      const kept = all.slice(rounds.warmUps);
      return (["up", "down"] as const).map((part) => {
        const figure: Figure = { unit: "s", runs: kept.map((taken) => taken[part]) };
        return [`${part} alone, ${name}`, figure] as const;
      });
    });
    return Object.fromEntries(figures);
  }
}
