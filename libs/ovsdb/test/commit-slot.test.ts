import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Operation } from "../src/index.ts";
import { ConnectionLost, OvnNorthbound, OvsdbClient, OvsdbError, database } from "../src/index.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
import { OvsdbServer } from "./support/ovsdb-server.ts";
import { randomFrom } from "./support/random-writer.ts";

const nb = database(OvnNorthbound);
const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const caughtUp = { timeout: 10_000, interval: 10 };
const place = { table: "NB_Global", where: [], column: "external_ids", key: "slot" } as const;
const insert = (name: string): readonly Operation[] => [nb.insert("Logical_Switch", { name })];

async function world() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await OvsdbServer.start({ schema: "ovn-northbound" }));
  const proxy = stack.use(await CuttingProxy.start(join(server.folder, "proxy.sock"), server.unix));
  const direct = stack.use(await OvsdbClient.connect({ remote: server.tcp, backoff }));
  await direct.transact(OvnNorthbound, [nb.insert("NB_Global", { external_ids: { foreign: "kept" } })]);
  const client = stack.use(await OvsdbClient.connect({ remote: proxy.remote, backoff }));
  const slot = client.commitSlot(OvnNorthbound, place);
  await slot.commit(insert("first"));
  const count = async (name: string): Promise<number> => {
    const [answer] = await direct.transact(OvnNorthbound, [
      nb.select("Logical_Switch", [["name", "==", name]]),
    ]);
    return answer?.rows?.length ?? 0;
  };
  const owned = stack.move();
  return { server, proxy, direct, client, slot, count, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Runs `fault` when the client sends the transaction that inserts this row; what it returns goes on to the server. */
function when(proxy: CuttingProxy, name: string, fault: (text: string) => string): void {
  proxy.rewrite = (text) => {
    if (!text.includes(`"${name}"`)) {
      return text;
    }
    proxy.rewrite = (later) => later;
    return fault(text);
  };
}

describe("a transaction through a commit slot", () => {
  it("is carried out with its answer, and leaves nothing but the mark", async () => {
    await using at = await world();
    const { results } = await at.slot.commit(insert("a"));
    expect(results).toHaveLength(1);
    expect(results?.[0]?.uuid).toBeDefined();
    const [answer] = await at.direct.transact(OvnNorthbound, [nb.select("NB_Global", [])]);
    const [row] = nb.rows("NB_Global", answer);
    expect(row?.external_ids["foreign"]).toBe("kept");
    expect(Object.keys(row?.external_ids ?? {})).toEqual(["foreign", "slot"]);
  });

  it("whose answer is lost is known to be in", async () => {
    await using at = await world();
    at.proxy.hold = true;
    const committed = at.slot.commit(insert("a"));
    await vi.waitFor(async () => expect(await at.count("a")).toBe(1), caughtUp);
    at.proxy.hold = false;
    at.proxy.cut();
    await expect(committed).resolves.toEqual({ results: undefined });
    expect(await at.count("a")).toBe(1);
    await at.slot.commit(insert("b"));
  });

  it("that is lost on the way is known not to be in", async () => {
    await using at = await world();
    when(at.proxy, "a", () => {
      queueMicrotask(() => at.proxy.cut());
      return "";
    });
    await expect(at.slot.commit(insert("a"))).rejects.toMatchObject({
      name: "ConnectionLost",
      outcome: "not committed",
    });
    expect(await at.count("a")).toBe(0);
    await expect(at.slot.commit(insert("b"))).resolves.toMatchObject({ results: [{}] });
  });

  it("that arrives after it was given up is refused by the server", async () => {
    await using at = await world();
    let late = "";
    when(at.proxy, "a", (text) => {
      late = text;
      queueMicrotask(() => at.proxy.cut());
      return "";
    });
    await expect(at.slot.commit(insert("a"))).rejects.toMatchObject({ outcome: "not committed" });
    const request = JSON.parse(late) as { readonly params: readonly [string, ...Operation[]] };
    const [name, ...operations] = request.params;
    await expect(at.direct.transact(name, operations)).rejects.toMatchObject({
      code: "timed out",
      operation: 1,
    });
    expect(await at.count("a")).toBe(0);
  });

  it("that a server carries out twice, as clusters may, is in once and known to be", async () => {
    await using at = await world();
    // The answer to the first time is swallowed, as a leader swallows it who lost the lead.
    at.proxy.rewriteAnswer = (text) => text.replace(/\{"id":999999,"result":\[.*?\],"error":null\}/, "");
    when(at.proxy, "a", (text) => text.replace(/"id":\d+/, '"id":999999') + text);
    await expect(at.slot.commit(insert("a"))).resolves.toEqual({ results: undefined });
    expect(await at.count("a")).toBe(1);
  });

  it("is refused as any other, by its own operation", async () => {
    await using at = await world();
    const refused = at.slot.commit([...insert("a"), nb.wait("NB_Global", [], { until: "==", rows: [] })]);
    await expect(refused).rejects.toMatchObject({ code: "timed out", operation: 1 });
    expect(await at.count("a")).toBe(0);
    await at.slot.commit(insert("b"));
  });

  it("finds that another wrote the mark, and then goes on from there", async () => {
    await using at = await world();
    await at.direct.commitSlot(OvnNorthbound, place).commit(insert("theirs"));
    await expect(at.slot.commit(insert("a"))).rejects.toMatchObject({ code: "timed out", operation: 1 });
    expect(await at.count("a")).toBe(0);
    await at.slot.commit(insert("a"));
    expect(await at.count("a")).toBe(1);
  });

  it("is in doubt only while no server can be asked", async () => {
    await using at = await world();
    const slot = at.client.commitSlot(OvnNorthbound, { ...place, key: "brief" }, { resolveTimeoutMs: 50 });
    await slot.commit(insert("b"));
    at.proxy.hold = true;
    const committed = slot.commit(insert("a"));
    const doubted = expect(committed).rejects.toMatchObject({ outcome: "unknown" });
    await vi.waitFor(async () => expect(await at.count("a")).toBe(1), caughtUp);
    await at.server.down();
    await doubted;
  });

  it("wants one row for its mark, and a column for it", async () => {
    await using at = await world();
    const nowhere = at.client.commitSlot(OvnNorthbound, { ...place, where: [["name", "==", "none"]] });
    await expect(nowhere.commit([])).rejects.toThrow("wants one row of NB_Global: its `where` selects 0");
    // @ts-expect-error: no map of texts
    expect(() => at.client.commitSlot(OvnNorthbound, { ...place, column: "none" })).toThrow("no such column");
  });
});

describe("a hundred transactions under faults of every kind", () => {
  it("are each in exactly once or never, as they were told to be", async () => {
    await using at = await world();
    const random = randomFrom(11);
    const late: Operation[][] = [];
    const told = { in: 0, lost: 0, never: 0 };
    for (let round = 0; round < 100; round += 1) {
      const name = `r${round}`;
      const fault = Math.floor(random() * 5);
      when(at.proxy, name, (text) => {
        if (fault === 0 || fault === 1) {
          // Never arrives, or long after it was given up.
          const { params } = JSON.parse(text) as { readonly params: readonly [string, ...Operation[]] };
          late.push(params.slice(1) as Operation[]);
          queueMicrotask(() => at.proxy.cut());
          return "";
        }
        if (fault === 2) {
          at.proxy.hold = true;
          setImmediate(() => {
            at.proxy.hold = false;
            at.proxy.cut();
          });
        }
        return text;
      });
      await vi.waitFor(() => expect(at.client.remote).toBeDefined(), caughtUp);
      const outcome = await at.slot.commit(insert(name)).then(
        ({ results }) => (results === undefined ? "lost" : "in"),
        (error: unknown) => {
          if (error instanceof ConnectionLost && error.outcome === "not committed") {
            return "never" as const;
          }
          throw error;
        },
      );
      told[outcome] += 1;
      for (const operations of late.splice(0, random() < 0.5 ? late.length : 0)) {
        const arrived = await at.direct.transact(OvnNorthbound, operations).catch((error: unknown) => error);
        expect(arrived).toBeInstanceOf(OvsdbError);
      }
      expect(await at.count(name), `${name}: ${outcome}`).toBe(outcome === "never" ? 0 : 1);
    }
    expect(Math.min(told.in, told.never)).toBeGreaterThan(10);
    for (let round = 0; round < 100; round += 1) {
      expect(await at.count(`r${round}`)).toBeLessThanOrEqual(1);
    }
  });
});
