/**
 * Drift that somebody made by hand on a running lab: each kind of thing that Weft made is taken away or bent, in turn, and
 * comes back; all that was right stays the very same thing, and so does what is not Weft's. Packets pass the chain after each.
 */
import { eventually, longRun } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { done, run } from "./command-line.ts";
import { Foreigners } from "./foreigners.ts";
import { nbctl, vsctl } from "./lab-endpoints.ts";
import { RepairWorld, shards } from "./repair-world.ts";
import { differences, stockOf } from "./stock.ts";

const patience = { withinMs: 45_000 };
let world: RepairWorld;
let foreigners: Foreigners;

beforeAll(async () => {
  world = await RepairWorld.open(2);
  foreigners = await Foreigners.settle();
  await eventually("packets pass", () => world.passes(), patience);
});
afterAll(async () => {
  await foreigners?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

type Runtime = keyof typeof shards;
interface Damage {
  /** Sees that it is undone. */
  readonly undone: () => Promise<boolean>;
  /** What may be another thing afterwards; everything else must be the same. */
  readonly renews?: RegExp;
}
interface Drift {
  readonly name: string;
  readonly make: () => Promise<Damage>;
}

/** What a command prints inside a shard; handles of queueing disciplines are the kernel's choice. */
async function look(runtime: Runtime, text: string): Promise<string> {
  const { namespacePath } = await world.placeOf("shard", shards[runtime]);
  const { stdout } = await run("nsenter", [`--net=${namespacePath}`, "--", ...text.split(" ")]);
  return stdout.replaceAll(/tbf [0-9a-f]+:/g, "tbf");
}

/** Bends something inside a shard: what a look at it prints must become what it was. */
function bent(name: string, lookAt: string, ...damage: readonly string[]): Drift[] {
  return runtimes.map((runtime) => ({
    name: `${name} of the ${runtime} shard`,
    make: async () => {
      const before = await look(runtime, lookAt);
      for (const line of damage) await world.inside("shard", shards[runtime], ...line.split(" "));
      expect(await look(runtime, lookAt)).not.toBe(before);
      return { undone: async () => (await look(runtime, lookAt)) === before };
    },
  }));
}

/** Takes something away whose name comes back. */
function gone(name: string, take: () => Promise<RegExp>): Drift {
  return {
    name,
    make: async () => {
      const before = [...(await stockOf()).keys()];
      const renews = await take();
      const undone = async () => {
        const now = await stockOf();
        return before.every((each) => now.has(each));
      };
      return { undone, renews };
    },
  };
}

const runtimes = ["docker", "namespace"] as const;
const uuidOf = async (table: string, ...condition: string[]) => {
  const found = await nbctl(
    "--bare",
    "--columns=_uuid",
    "find",
    table,
    "external_ids:weft-owner!=''",
    ...condition,
  );
  return found.trim().split("\n")[0] ?? "";
};

const rows: readonly Drift[] = [
  gone("a policy of the router", async () => {
    const policy = await uuidOf("Logical_Router_Policy", "action=reroute");
    const priority = (await nbctl("--bare", "get", "Logical_Router_Policy", policy, "priority")).trim();
    await nbctl("remove", "Logical_Router", await uuidOf("Logical_Router"), "policies", policy);
    return new RegExp(`^Logical_Router_Policy ${priority} `);
  }),
  gone("a port of a switch", async () => {
    await nbctl("lsp-del", "weft.repair.shard.fw-docker-0.in0");
    return /^Logical_Switch_Port weft\.repair\.shard\.fw-docker-0\.in0 /;
  }),
  {
    name: "what a port says",
    make: async () => {
      const port = "weft.repair.shard.fw-docker-0.in0";
      const addresses = () => nbctl("lsp-get-addresses", port);
      const before = await addresses();
      await nbctl("lsp-set-addresses", port, "unknown");
      return { undone: async () => (await addresses()) === before };
    },
  },
  gone("a switch with all its ports", async () => {
    await nbctl("ls-del", "weft.repair.network.outside");
    return /^Logical_Switch(_Port)? weft\.repair\.(network\.outside|lsp\.network\.outside|workload\.server)/;
  }),
];

const inside: readonly Drift[] = [
  bent("an address", "ip -br address show dev in0", "ip address flush dev in0"),
  bent("routes and a rule", "ip rule", "ip route flush table 100", "ip rule delete iif in0"),
  bent("an interface's state and MTU", "ip -br link show dev out0", "ip link set out0 down mtu 1300"),
  bent("the packet filter", "nft -s list table inet weft_firewall", "nft flush ruleset"),
  bent(
    "a rule of the packet filter",
    "nft -s list table inet weft_firewall",
    "nft flush chain inet weft_firewall input",
  ),
  bent("shaping", "tc qdisc show dev out0", "tc qdisc del dev out0 root"),
  bent("forwarding", "cat /proc/sys/net/ipv4/ip_forward", "sysctl -qw net.ipv4.ip_forward=0"),
].flat();

/** Everything between a shard and the switch, which is made anew together. */
async function wiresOf(runtime: Runtime): Promise<RegExp> {
  const { node, placementUid } = world.record("shard", shards[runtime]);
  const ports = await vsctl(
    node,
    "--bare",
    "--columns=name",
    "find",
    "port",
    `external_ids:weft-placement=${placementUid}`,
  );
  const names = ports.split("\n").filter((name) => name !== "");
  const probes = await world.probeNamespaces(shards[runtime]);
  return new RegExp(`^((link|port) ${node} (${names.join("|")})|namespace (${probes.join("|")})) `);
}
const either = (...some: RegExp[]) => new RegExp(some.map(({ source }) => source).join("|"));

const wires: readonly Drift[] = runtimes.flatMap((runtime) => [
  gone(`a link of the ${runtime} shard`, async () => {
    const renews = await wiresOf(runtime);
    await world.inNode(
      "shard",
      shards[runtime],
      "ip",
      "link",
      "delete",
      await world.hostLink("shard", shards[runtime], "in0"),
    );
    return renews;
  }),
  gone(`a port of the switch of the ${runtime} shard`, async () => {
    const renews = await wiresOf(runtime);
    const { node } = world.record("shard", shards[runtime]);
    await vsctl(node, "del-port", "br-int", await world.hostLink("shard", shards[runtime], "out0"));
    return renews;
  }),
  {
    name: `the mark by which OVN knows a port of the ${runtime} shard`,
    make: async () => {
      const renews = await wiresOf(runtime);
      const { node } = world.record("shard", shards[runtime]);
      const link = await world.hostLink("shard", shards[runtime], "out0");
      const mark = () => vsctl(node, "get", "interface", link, "external_ids:iface-id");
      const before = await mark();
      await vsctl(node, "set", "interface", link, "external_ids:iface-id=elsewhere");
      return { renews, undone: async () => (await mark()) === before };
    },
  },
  {
    name: `the place of an interface of the ${runtime} shard`,
    make: async () => {
      const renews = await wiresOf(runtime);
      await world.inside("shard", shards[runtime], "ip", "link", "set", "in0", "netns", String(process.pid));
      return { renews, undone: async () => (await look(runtime, "ip link show dev in0")) !== "" };
    },
  },
  {
    name: `the near end of a link of the ${runtime} shard`,
    make: async () => {
      const link = await world.hostLink("shard", shards[runtime], "in0");
      const state = () => world.inNode("shard", shards[runtime], "ip", "-br", "link", "show", "dev", link);
      const before = await state();
      await world.inNode("shard", shards[runtime], "ip", "link", "set", link, "down");
      return { undone: async () => (await state()) === before };
    },
  },
  gone(`a namespace of the ${runtime} shard's probe`, async () => {
    const renews = await wiresOf(runtime);
    const [inner = ""] = await world.probeNamespaces(shards[runtime]);
    await done("ip", "netns", "delete", inner);
    return renews;
  }),
]);

const holder = (runtime: Runtime) => world.record("shard", shards[runtime]).holder ?? "";
const instances: readonly Drift[] = [
  gone("a function's container", async () => {
    await done("docker", "rm", "--force", world.record("shard", shards.docker).instance ?? "");
    return /^container weft-repair-fw-docker-0-[0-9a-f]+ /;
  }),
  gone("a holder's container", async () => {
    const renews = either(await wiresOf("docker"), /^container weft-repair-fw-docker-0-/);
    await done("docker", "rm", "--force", holder("docker"));
    return renews;
  }),
  gone("a shard's namespace", async () => {
    const renews = either(await wiresOf("namespace"), new RegExp(`^namespace ${holder("namespace")} `));
    await done("ip", "netns", "delete", holder("namespace"));
    return renews;
  }),
];

/** Everything on both shards in the full run; otherwise half of it on either one, since each takes seconds. */
const ofWires = (index: number) => (index % 2 === 0) === index < wires.length / 2;
const ofInside = (index: number) => index % 4 === 0 || index % 4 === 3;
const drifts = [
  ...rows,
  ...wires.filter((_, index) => longRun || ofWires(index)),
  ...inside.filter((_, index) => longRun || ofInside(index)),
  ...instances,
];

describe("drift by hand", () => {
  it.each(drifts)("$name is mended, and nothing else is touched", async ({ make }) => {
    const before = await stockOf();
    const { undone, renews } = await make();
    await eventually("it is undone", undone, patience);
    await eventually("packets pass", () => world.passes(), patience);
    const others = differences(before, await stockOf()).filter((line) => renews?.test(line) !== true);
    expect(others).toEqual([]);
  });
});

describe("what is not Weft's", () => {
  it("is as it was, after all of that", async () => {
    expect(await foreigners.changed()).toEqual([]);
  });
});
