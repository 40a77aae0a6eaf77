/** The stitcher as a process, on real NATS, Consul, OVN databases and ovn-northd; no root, no packets. */
import { getKey, putKey } from "@weft/consul";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { chain, group, network, workload } from "../../../libs/decide/src/admit/world.test-kit.ts";
import { stitcherByHand } from "./stitcher-by-hand.ts";

const documents = (replicas: number) => [
  network("inside", ["10.1.0.0/16"]),
  network("outside", ["10.2.0.0/16"]),
  workload("client", [{ network: "inside" }]),
  workload("server", [{ network: "outside" }]),
  group("fw", { replicas }),
  chain("edge", "inside", "outside", ["fw"]),
];

describe("a stitcher", () => {
  it("programs a chain, moves slots when shards come, and leaves nothing when all goes", async () => {
    await using hand = await stitcherByHand();
    const { world, views } = hand;
    // Whoever led before ended between a group's end and the withdrawal of its map.
    await putKey(hand.consulUrl, "weft/slots/demo/gone", "{}");
    await hand.stitcher();
    const stitched = (key: string) => views.stitched.get(key)?.value;
    const owners = () => new Set(views.slots.get("demo.fw")?.value.owners);

    world.apply(...documents(1));
    await hand.sync();
    await eventually(
      "workloads are stitched",
      () => stitched("demo.workload.client")?.state === "programmed",
    );
    await eventually(
      "the network is stitched",
      () => stitched("demo.network.inside")?.state === "programmed",
    );
    expect(stitched("demo.chain.edge")).toMatchObject({ state: "waiting", message: "fw has no ready shard" });
    await hand.verdict("fw-0", "ready");
    await eventually("the chain is programmed", () => stitched("demo.chain.edge")?.state === "programmed");

    world.apply(...documents(4));
    await hand.sync();
    const before = performance.now();
    for (const name of ["fw-1", "fw-2", "fw-3"]) await hand.verdict(name, "ready");
    await eventually("four shards own slots", () => owners().size === 4);
    console.info(
      `slots of three new shards were in force after ${Math.round(performance.now() - before)} ms`,
    );
    await eventually(
      "the chain has the new slots",
      () => stitched("demo.chain.edge")?.slots?.["fw"] === views.slots.get("demo.fw")?.value.version,
    );
    await eventually("Consul has the slot map", async () => {
      const text = await getKey(hand.consulUrl, "weft/slots/demo/fw");
      return text !== undefined && JSON.parse(text).version === views.slots.get("demo.fw")?.value.version;
    });
    await eventually(
      "no map of a group that is gone is left",
      async () => (await getKey(hand.consulUrl, "weft/slots/demo/gone")) === undefined,
    );
    const policies = await hand.central.nbctl("--bare", "--columns=action", "list", "Logical_Router_Policy");
    expect(policies.match(/reroute/g)?.length).toBeGreaterThanOrEqual(8);

    world.apply();
    await hand.sync();
    await eventually("no slots are left", () => views.slots.entries().size === 0);
    world.seen.slots = new Map();
    world.schedule().schedule().schedule();
    await hand.sync();
    await eventually("nothing is stitched", () => views.stitched.entries().size === 0);
    expect(await hand.central.nbctl("--bare", "--columns=name", "list", "Logical_Switch")).toBe("");
  });

  it("goes on where a former leader's clock was a day ahead when Consul lost what it knew", async () => {
    await using hand = await stitcherByHand();
    const later = Date.now() + 86_400_000;
    const { central } = hand;
    await central.nbctl("set", "NB_Global", ".", `external_ids:weft-epoch=${later}`);
    await hand.stitcher();
    hand.world.apply(...documents(1));
    await hand.sync();
    const network = () => hand.views.stitched.get("demo.network.inside")?.value.state;
    await eventually("the network is stitched", () => network() === "programmed");
    const epoch = await central.nbctl("get", "NB_Global", ".", "external_ids:weft-epoch");
    expect(Number(epoch.trim().replaceAll('"', ""))).toBeGreaterThan(later);
  });

  it("gives a shard's slots up only when the chassis have followed", async () => {
    await using hand = await stitcherByHand();
    const { world, views, chassis } = hand;
    await hand.stitcher();
    world.apply(...documents(2));
    await hand.sync();
    await hand.verdict("fw-0", "ready");
    await hand.verdict("fw-1", "ready");
    const record = () => views.slots.get("demo.fw")?.value;
    await eventually("both own slots", () => new Set(record()?.owners).size === 2);
    const chain = () => views.stitched.get("demo.chain.edge")?.value;
    await eventually("chassis have their ports", () => chain()?.state === "programmed");
    for (const name of chassis.ports.keys()) chassis.frozen.add(name);
    world.apply(...documents(1));
    await hand.sync();
    await eventually("the handoff is written down", () => record()?.handoffs.length === 1);
    await eventually("the policies are switched", async () => {
      const text = await hand.central.nbctl("--bare", "--columns=nexthops", "list", "Logical_Router_Policy");
      return !text.includes("100.64.0.3");
    });
    expect(record()?.owners).toContain("fw-1");
    chassis.frozen.clear();
    chassis.look();
    await eventually("one shard owns all", () => !record()?.owners.includes("fw-1"));
    await eventually("nothing is left to drain", () => record()?.handoffs.length === 0);
  });

  it("goes on past ports of somebody else that bear its names, and takes them up once they are gone", async () => {
    await using hand = await stitcherByHand();
    const { world, views, central } = hand;
    const stitched = (key: string) => views.stitched.get(key)?.value;
    const [port, cable] = ["weft.demo.lsp.network.inside", "weft.demo.lrp.inner.fw"];
    await central.nbctl("ls-add", "theirs", "--", "lsp-add", "theirs", port);
    await central.nbctl(
      "lr-add",
      "theirs",
      "--",
      "lrp-add",
      "theirs",
      cable,
      "02:00:00:00:00:01",
      "192.0.2.1/24",
    );
    await hand.stitcher();
    world.apply(...documents(1));
    await hand.sync();
    await eventually("the rest is stitched", () => stitched("demo.workload.server")?.state === "programmed");
    await eventually("the network says what is in its way", () =>
      stitched("demo.network.inside")?.fault?.message.includes(`bears the name ${port}`),
    );
    expect(await central.nbctl("lsp-get-type", port)).toBe("\n");
    await central.nbctl("ls-del", "theirs", "--", "lr-del", "theirs");
    await hand.verdict("fw-0", "ready");
    await eventually("all of it is stitched", () => stitched("demo.chain.edge")?.state === "programmed");
    expect(stitched("demo.network.inside")).toMatchObject({ state: "programmed", message: "" });
    expect(await central.nbctl("lsp-get-type", port)).toBe("router\n");
  });

  it("is followed by another when it is killed, which goes on where it stopped", async () => {
    await using hand = await stitcherByHand();
    const { world, views } = hand;
    const first = await hand.stitcher();
    await hand.stitcher();
    world.apply(...documents(1));
    await hand.sync();
    await eventually("it works", () => views.stitched.get("demo.workload.client") !== undefined);
    await first.down();
    await hand.verdict("fw-0", "ready");
    await eventually(
      "the other programs the chain",
      () => views.stitched.get("demo.chain.edge")?.value.state === "programmed",
      { withinMs: 10_000 },
    );
    const [, epoch = ""] =
      /weft-epoch="?(\d+)/.exec(await hand.central.nbctl("get", "NB_Global", ".", "external_ids")) ?? [];
    expect(Number(epoch)).toBeGreaterThan(0);
  });
});
