/** Ports on a real Open vSwitch database: whose they are, when a wiring counts as whole, whom a refusal concerns. */
import { database, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import { eventually, startOvsdb } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { openFabric } from "../src/fabric/ovs-fabric.ts";

const db = database(OpenVswitch);
const port = (placement: string, name: string) => ({
  name,
  ifaceId: `lsp-${name}`,
  placement,
  wiring: "hash",
});

async function world() {
  const open = new AsyncDisposableStack();
  const server = open.use(await startOvsdb({ schema: "open-vswitch" }));
  const client = open.use(await OvsdbClient.connect({ remote: server.unix }));
  await client.transact(OpenVswitch, [
    db.insert("Bridge", { name: "br-int" }, "bridge"),
    db.insert("Interface", { name: "foreign" }, "interface"),
    db.insert("Port", { name: "foreign", interfaces: [{ named: "interface" }] }, "port"),
    db.insert("Bridge", { name: "br-ex", ports: [{ named: "port" }] }, "other"),
    db.insert("Open_vSwitch", { bridges: [{ named: "bridge" }, { named: "other" }] }),
  ]);
  const fabric = await openFabric({ remote: server.unix, node: "node-1" });
  open.defer(() => fabric.close());
  const seen = () =>
    fabric
      .ports()
      .map(({ name, wiring }) => `${name} ${wiring}`)
      .toSorted();
  return { fabric, seen, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("ports of the switch", () => {
  it("stand for a whole wiring only when that was said", async () => {
    await using at = await world();
    expect([...(await at.fabric.add([port("p", "a"), port("p", "b")]))]).toEqual([]);
    await eventually("both are seen", () => at.seen().length === 2);
    expect(at.seen()).toEqual(["a ", "b "]);
    await at.fabric.confirm([port("p", "a"), port("p", "b")]);
    await eventually("they are whole", () => at.seen()[1] === "b hash");
    expect(at.seen()).toEqual(["a hash", "b hash"]);
  });

  it("are refused to that placement alone whose name is taken", async () => {
    await using at = await world();
    const refused = await at.fabric.add([
      port("p", "a"),
      port("q", "foreign"),
      port("q", "c"),
      port("r", "b"),
    ]);
    expect([...refused.keys()]).toEqual(["q"]);
    await eventually("the others are seen", () => at.seen().length === 2);
    expect(at.seen()).toEqual(["a ", "b "]);
  });
});
