/**
 * One failure of each kind under numbered datagrams: a shard with its holder, one that lets nothing pass, a function alone, a whole
 * node that comes back, most nodes at once. What must hold of slots, owners and verdicts; how soon is the benches' (crash, hostloss).
 * One lab for the whole file.
 */
import { nodeHealthKey, slotsKey } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareCrash, prepareFreeze } from "../failures/damage.ts";
import { group, tenant } from "../failures/documents.ts";
import { FailureLab, run } from "../failures/failure-lab.ts";
import { loseHost, victimOf } from "../failures/host-loss.ts";
import { knownFlows, knownTwice } from "../failures/known-flows.ts";
import type { NumberedProbes } from "../failures/numbered-probes.ts";
import { functionEnd, grayOutage, outageBy } from "../failures/outage.ts";

const clients = 16;
const client = "client-1";
const lossMs = 1_000;
const settings = {
  WEFT_NODE_LOSS_MS: String(lossMs),
  WEFT_REPLACE_MS: "3000",
  WEFT_HOLD_MS: "0",
};
let lab: FailureLab;
let probes: NumberedProbes;

beforeAll(async () => {
  lab = await FailureLab.start({ clients, farNodes: ["node-2", "node-3"], settings });
  probes = await lab.probes(client);
});

afterAll(async () => {
  await probes?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
});

const record = () => lab.views.slots.get(slotsKey(tenant, group))?.value;
const nodeState = (node: string) => {
  const verdict = lab.views.health.get(nodeHealthKey(node))?.value;
  return verdict?.state;
};

function expectNoAlarm(): void {
  expect(lab.alarms.found).toEqual([]);
}

describe("a shard", () => {
  it("that dies with its holder loses its slots to others, and comes back", async () => {
    const { shard, lost } = await outageBy({ lab, probes, client }, (name) => prepareCrash(lab, name));
    // The datagrams notice an outage: that nothing is lost elsewhere means something.
    expect(lost).toBeGreaterThan(0);
    expect(record()?.owners).toContain(shard);
    expectNoAlarm();
  });

  it("that runs and lets nothing pass loses its slots to others", async () => {
    const { lost } = await grayOutage({ lab, probes, client });
    expect(lost).toBeGreaterThan(0);
    expectNoAlarm();
  });

  it("whose function dies alone keeps its slots and loses no datagram: the kernel works on", async () => {
    const owners = record()?.owners;
    expect(await functionEnd({ lab, probes, client })).toMatchObject({ lost: 0, doubled: 0 });
    expect(record()?.owners).toEqual(owners);
    expectNoAlarm();
  });
});

describe("a node that is lost and comes back after its shards were placed anew", () => {
  it("is fenced, and brings no second owner along: its old shards are gone, and get no slot before that", async () => {
    const victim = victimOf(lab, clients);
    const before = lab.shardsOn(victim.node);
    const loss = await loseHost(lab, victim, { late: true });
    expect(loss).toMatchObject({ doubled: 0, fenced: true, knownTwice: [], inServiceAgain: [] });
    for (const { name } of before) expect(record()?.owners).not.toContain(name);
    expect(lab.shardsOn(victim.node)).toEqual([]);
    expect(await lab.chassis()).toContain(victim.node);
    expectNoAlarm();
  });

  it("would be seen: a flow that is written into a second shard's steering is found", async () => {
    // A client's flow may be known to a shard that had its slot before and drains it.
    const knowing = await Promise.all(
      lab.runningShards().map(async (shard) => ({ shard, flows: await knownFlows(lab, shard) })),
    );
    const { shard, flows } = knowing.find(({ flows }) => flows.length > 0) ?? { shard: "", flows: [] };
    const [flow = ""] = flows;
    const other = lab.runningShards().find((name) => name !== shard) ?? "";
    const { holder } = await lab.processesOf(other);
    const inside = ["-t", String(holder), "-n", "nft", "add", "element", "netdev", "weft_shim", "known_4"];
    await run("nsenter", [...inside, `{ ${flow} timeout 10s }`]);
    expect(await knownTwice(lab)).toEqual([expect.stringContaining(flow)]);
  });
});

describe("more than half of the nodes, silent at once", () => {
  it("are believed by nobody: no verdict changes and no slot moves", async () => {
    await lab.whole();
    const version = record()?.version;
    const freezes = await Promise.all(["node-2", "node-3"].map(prepareFreeze));
    const frozen = await Promise.all(freezes.map((freeze) => freeze()));
    const until = Date.now() + 3 * lossMs;
    await eventually("one of them alone would have been lost by now", () => Date.now() >= until, {
      withinMs: 4 * lossMs,
    });
    const states = ["node-1", "node-2", "node-3"].map(nodeState);
    const moved = record()?.version !== version;
    for (const node of frozen) await node.thaw();
    expect({ states, moved }).toEqual({ states: ["ready", "ready", "ready"], moved: false });
    expect(await lab.chassis()).toHaveLength(3);
    await lab.whole();
    expectNoAlarm();
  });
});

describe("a shard that drains a flow without an end", () => {
  it("and dies is waited for no more: it is gone, and the client's datagrams go by its slot", async () => {
    await lab.whole();
    const first = lab.ownerOf(client);
    const other = Array.from({ length: clients }, (_, at) => `client-${at + 1}`).find(
      (name) => lab.ownerOf(name) !== first,
    );
    const second = lab.ownerOf(other ?? "");
    // Begun now, so that each is at its slot's owner: an older flow may be where it was when nodes came and went.
    await using ones = await lab.probes(client, 7001);
    await using others = await lab.probes(other ?? "", 7002);
    await Promise.all([ones.settled(), others.settled()]);
    await lab.scale(1);
    const [shard, ends] = lab.ownerOf(client) === first ? [second, others] : [first, ones];
    const isDraining = () =>
      record()?.handoffs.some(({ from, phase }) => from === shard && phase === "drain");
    await lab.until(`${shard} drains`, () => isDraining() === true);
    const uids = new Set([lab.shard(shard).placementUid]);
    const crash = await prepareCrash(lab, shard);
    lab.alarms.broken(shard);
    crash();
    await lab.until(`${shard} is gone`, () => !lab.hasAny(uids));
    await ends.settled();
    lab.alarms.broken();
    expectNoAlarm();
  });
});
