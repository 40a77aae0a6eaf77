/** Bridges of uplinks and OVN's bridge mappings on a real Open vSwitch database, which Weft shares with whoever else uses it. */
import { database, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import { eventually, startOvsdb } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { openUplinkSwitch } from "../src/uplink/uplink-switch.ts";

const db = database(OpenVswitch);
const key = "ovn-bridge-mappings";

async function world(mappings: string) {
  const open = new AsyncDisposableStack();
  const server = open.use(await startOvsdb({ schema: "open-vswitch" }));
  const client = open.use(await OvsdbClient.connect({ remote: server.unix }));
  await client.transact(OpenVswitch, [
    db.insert("Open_vSwitch", { external_ids: { "system-id": "host", [key]: mappings } }),
  ]);
  const uplinks = await openUplinkSwitch({ remote: server.unix, node: "node-1", datapath: "system" });
  open.defer(() => uplinks.close());
  /** As the database has it: a client's replica shows what it wrote. */
  const mapped = () => [...(uplinks.look()?.mappings ?? [])].map((entry) => entry.join(":"));
  /** By somebody else, as ovs-vsctl would. */
  const overwrite = (text: string) =>
    client.transact(OpenVswitch, [
      db.mutate(
        "Open_vSwitch",
        [],
        [
          ["external_ids", "delete", [key]],
          ["external_ids", "insert", { [key]: text }],
        ],
      ),
    ]);
  const addBridge = (name: string, port: string, ids: Readonly<Record<string, string>>) =>
    client.transact(OpenVswitch, [
      db.insert("Interface", { name: port, link_state: "down" }, "interface"),
      db.insert("Port", { name: port, interfaces: [{ named: "interface" }] }, "port"),
      db.insert("Bridge", { name, ports: [{ named: "port" }], external_ids: ids }, "bridge"),
      db.mutate("Open_vSwitch", [], [["bridges", "insert", [{ named: "bridge" }]]]),
    ]);
  return { uplinks, mapped, overwrite, addBridge, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("bridge mappings", () => {
  it("are set and taken away one by one, and the others stay", async () => {
    await using at = await world("physnet1:br-ex");
    await at.uplinks.mapNetwork("weft-eth1", "br-one");
    await at.uplinks.mapNetwork("weft-eth2", "br-two");
    expect(at.mapped()).toEqual(["physnet1:br-ex", "weft-eth1:br-one", "weft-eth2:br-two"]);
    await at.uplinks.mapNetwork("weft-eth1", undefined);
    expect(at.mapped()).toEqual(["physnet1:br-ex", "weft-eth2:br-two"]);
  });

  it("keep what somebody else wrote after the last look", async () => {
    await using at = await world("physnet1:br-ex");
    expect(at.mapped()).toEqual(["physnet1:br-ex"]);
    await at.overwrite("physnet1:br-ex,physnet2:br-new");
    await eventually("it is seen", () => at.mapped().length === 2);
    await at.uplinks.mapNetwork("weft-eth1", "br-one");
    expect(at.mapped()).toEqual(["physnet1:br-ex", "physnet2:br-new", "weft-eth1:br-one"]);
  });
});

describe("bridges", () => {
  it("are seen with their ports, and only those with this node's marks are ever removed", async () => {
    await using at = await world("");
    await at.addBridge("foreign", "eth0", {});
    await at.addBridge("other", "eth1", { "weft-node": "node-2", "weft-uplink": "eth1" });
    await at.addBridge("own", "eth2", { "weft-node": "node-1", "weft-uplink": "eth2" });
    const seen = () => at.uplinks.look()?.bridges.toSorted((a, b) => (a.name < b.name ? -1 : 1)) ?? [];
    await eventually("all are seen", () => seen().length === 3);
    const [foreign, other, own] = ["eth0", "eth1", "eth2"].map((name) => [{ name, down: true }]);
    expect(seen()).toEqual([
      { name: "foreign", madeFor: undefined, ports: foreign },
      { name: "other", madeFor: undefined, ports: other },
      { name: "own", madeFor: "eth2", ports: own },
    ]);
    for (const name of ["foreign", "other", "own"]) await at.uplinks.removeBridge(name);
    expect(seen().map(({ name }) => name)).toEqual(["foreign", "other"]);
  });
});
