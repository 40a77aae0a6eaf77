/** Two copies on real OVN databases, of which one led before: what it still sends is refused, in the south as in the north. */
import { OvnSouthbound, OvsdbClient, database } from "@weft/ovsdb";
import type { OvnCentral } from "@weft/testkit";
import { eventually, startOvnCentral } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOvnDatabases } from "../src/index.ts";
import { FakeChassis } from "./fake-chassis.ts";

const open = new AsyncDisposableStack();
let central: OvnCentral;

beforeAll(async () => {
  central = open.use(await startOvnCentral());
  open.use(await FakeChassis.start(central.southbound.unix, ["chassis-1"]));
});
afterAll(() => open.disposeAsync());

async function copy() {
  const { northbound, southbound } = central;
  const databases = await openOvnDatabases({ northbound: northbound.unix, southbound: southbound.unix });
  open.defer(() => databases.close());
  return databases;
}

async function chassisNames(): Promise<string[]> {
  await using client = await OvsdbClient.connect({ remote: central.southbound.unix });
  const sb = database(OvnSouthbound);
  const [found] = await client.transact(OvnSouthbound, [sb.select("Chassis", [], ["name"])]);
  return (found?.rows ?? []).map((row) => String(row["name"]));
}

const change = [{ kind: "createSwitch" as const, row: { key: "k", tenant: "demo", name: "s" }, why: "" }];
const takenOver = { code: "conflict" };

describe("a copy that led before", () => {
  it("changes nothing in either database once another has claimed them", async () => {
    const [former, leader] = [await copy(), await copy()];
    await former.claim(1);
    await eventually("its claim is seen", () => leader.look()?.epochs.join() === "1,1");
    await leader.claim(2);
    await expect(former.removeChassis("chassis-1", 1)).rejects.toMatchObject(takenOver);
    await expect(former.commit(change, 1)).rejects.toMatchObject(takenOver);
    expect(await chassisNames()).toEqual(["chassis-1"]);

    await eventually("it sees that it leads no more", () => former.chassis(1) === undefined);
    await eventually("the other sees that it leads", () => leader.chassis(2)?.has("chassis-1"));
    await leader.removeChassis("chassis-1", 2);
    expect(await chassisNames()).toEqual([]);
  });

  it("is held back where northd writes in between: it leaves the epoch alone", async () => {
    const leader = await copy();
    await leader.claim(3);
    await central.nbctl("set", "NB_Global", ".", "options:northd_probe_interval=7000", "ipsec=true");
    await central.nbctl("--wait=sb", "sync");
    await eventually("both epochs stand", () => leader.look()?.epochs.join() === "3,3");
  });
});
