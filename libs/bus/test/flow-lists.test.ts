/** Lists of flows on a real server: whole or not at all, however many chunks they take. */
import { createLog } from "@weft/runtime";
import type { Flow } from "@weft/schemas";
import { flowsSubject } from "@weft/schemas";
import { startNats } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { connectBus } from "../src/index.ts";

const name = { tenant: "demo", group: "fw", placementUid: "uid-1", id: 7 };
const flows = (count: number, port = 80) =>
  Array.from({ length: count }, (_, n): Flow => ["fd00:1::1", `fd00:2::${n.toString(16)}`, 6, 1_024, port]);

async function world() {
  const open = new AsyncDisposableStack();
  const nats = open.use(await startNats());
  const bus = await connectBus({ url: nats.url, name: "test", log: createLog("test", "silent") });
  open.defer(() => bus.close());
  return { bus, lists: bus.flowLists, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

describe("a list of flows", () => {
  it.each([0, 1, 5_000, 12_001])("of %i comes as it was put", async (count) => {
    await using at = await world();
    expect(await at.lists.get(name)).toBeUndefined();
    await at.lists.put(name, flows(count));
    expect(await at.lists.get(name)).toEqual(flows(count));
    expect(await at.lists.get({ ...name, id: 8 })).toBeUndefined();
    expect(await at.lists.get({ ...name, placementUid: "uid-2" })).toBeUndefined();
  });

  it("takes the place of a longer one, whole", async () => {
    await using at = await world();
    await at.lists.put(name, flows(12_001));
    await at.lists.put(name, flows(3, 443));
    expect(await at.lists.get(name)).toEqual(flows(3, 443));
  });

  it("is nobody's while a chunk is missing", async () => {
    await using at = await world();
    await at.lists.put(name, flows(12_001));
    const filter = flowsSubject(name, 1);
    await at.bus.request("$JS.API.STREAM.PURGE.WEFT_FLOWS", { filter });
    expect(await at.lists.get(name)).toBeUndefined();
  });

  it("is found by its giver until it is removed, and no other with it", async () => {
    await using at = await world();
    await at.lists.put(name, flows(6_000));
    await at.lists.put({ ...name, id: 12 }, []);
    await at.lists.put({ ...name, placementUid: "uid-2", id: 3 }, flows(1));
    expect((await at.lists.idsOf(name)).toSorted((a, b) => a - b)).toEqual([7, 12]);
    await at.lists.remove(name);
    expect(await at.lists.idsOf(name)).toEqual([12]);
    expect(await at.lists.idsOf({ ...name, placementUid: "uid-2" })).toEqual([3]);
    expect(await at.lists.idsOf({ ...name, placementUid: "uid-3" })).toEqual([]);
  });
});
