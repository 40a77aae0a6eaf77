import { describe, expect, it } from "vitest";
import { OvnNorthbound } from "../generated/ovn-northbound.ts";
import type { Uuid } from "../notation/uuid.ts";
import { zeroUuid } from "../notation/uuid.ts";
import { replicatedTables } from "../replica/create-replica.ts";
import { ReplicaStore } from "../replica/replica.ts";
import type { Rows } from "../replica/watch.ts";
import type { UpdateListener } from "./connection.ts";
import type { MonitorConnection } from "./monitor.ts";
import { monitorMethods } from "./load.ts";
import { Monitor } from "./monitor.ts";

const a = "00000000-0000-4000-8000-00000000000a" as Uuid;
const b = "00000000-0000-4000-8000-00000000000b" as Uuid;
const first = "00000000-0000-4000-8000-000000000001";
const second = "00000000-0000-4000-8000-000000000002";
const rows = (uuid: Uuid, update: unknown): unknown => ({ Logical_Switch: { [uuid]: update } });

/** A connection that injects what a real server does only by luck: updates right behind the answer, updates that do not fit. */
class ScriptedConnection implements MonitorConnection {
  readonly asked: unknown[] = [];
  update: UpdateListener = () => undefined;
  readonly #columns: readonly string[];
  readonly #answer: unknown;
  readonly #behind: readonly unknown[];

  constructor(script: { columns?: readonly string[]; answer: unknown; behind?: readonly unknown[] }) {
    this.#columns = script.columns ?? ["name"];
    this.#answer = script.answer;
    this.#behind = script.behind ?? [];
  }

  request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "get_schema") {
      const columns = Object.fromEntries(this.#columns.map((column) => [column, { type: "string" }]));
      return Promise.resolve({ name: "OVN_Northbound", tables: { Logical_Switch: { columns } } });
    }
    this.asked.push(params.at(-1));
    const answer = Promise.resolve(this.#answer);
    this.#behind.forEach((update) => this.update("update3", [second, update]));
    return answer;
  }

  onUpdate(_: string, listener: UpdateListener): void {
    this.update = listener;
  }

  offUpdate(): void {}

  close(): void {}
}

function world() {
  const tables = replicatedTables(OvnNorthbound, { Logical_Switch: { columns: ["name"] } });
  const store = new ReplicaStore<Rows>(tables);
  const monitor = new Monitor(store, {
    database: "OVN_Northbound",
    tables,
    methods: monitorMethods,
    id: "test",
  });
  return { store, monitor, sizes: () => store.table("Logical_Switch").size };
}

describe("a monitor", () => {
  it("takes updates that arrive with the answer, after it", async () => {
    const { monitor, store } = world();
    await monitor.start(
      new ScriptedConnection({
        answer: [false, first, rows(a, { initial: { name: "x" } })],
        behind: [rows(a, { modify: { name: "y" } }), rows(b, { insert: {} })],
      }),
    );
    expect(store.table("Logical_Switch").get(a)).toEqual({ _uuid: a, name: "y" });
    expect(store.table("Logical_Switch").size).toBe(2);
  });

  it("resumes after the last transaction that it saw, be it in the answer or in an update", async () => {
    const { monitor } = world();
    const start = new ScriptedConnection({ answer: [false, first, {}] });
    await monitor.start(start);
    const resumed = new ScriptedConnection({ answer: [true, first, {}] });
    await monitor.start(resumed);
    resumed.update("update3", [second, rows(a, { insert: {} })]);
    const again = new ScriptedConnection({ answer: [true, second, {}] });
    await monitor.start(again);
    expect([start.asked, resumed.asked, again.asked]).toEqual([[zeroUuid], [first], [second]]);
  });

  it("loads afresh from a server with other columns", async () => {
    const { monitor, store } = world();
    await monitor.start(
      new ScriptedConnection({ answer: [false, first, rows(a, { initial: { name: "x" } })] }),
    );
    const older = new ScriptedConnection({ columns: [], answer: [false, first, rows(a, { initial: {} })] });
    await monitor.start(older);
    expect(older.asked).toEqual([zeroUuid]);
    expect(store.missing).toEqual(["Logical_Switch.name"]);
    expect(store.table("Logical_Switch").get(a)).toEqual({ _uuid: a, name: "" });
  });

  it("loads afresh after an update that did not fit", async () => {
    const { monitor, sizes } = world();
    const confused = new ScriptedConnection({ answer: [false, first, rows(a, { initial: {} })] });
    await monitor.start(confused);
    expect(() => confused.update("update3", [second, rows(b, { modify: { name: "y" } })])).toThrow(
      "never sent",
    );
    const next = new ScriptedConnection({ answer: [false, second, rows(b, { initial: {} })] });
    await monitor.start(next);
    expect(next.asked).toEqual([zeroUuid]);
    expect(sizes()).toBe(1);
  });

  it("keeps no more updates ahead of its answer than servers send", async () => {
    const behind = (count: number) => Array.from({ length: count }, () => rows(a, { modify: { name: "y" } }));
    const answer = [false, first, rows(a, { initial: {} })];
    await expect(
      world().monitor.start(new ScriptedConnection({ answer, behind: behind(10_001) })),
    ).rejects.toMatchObject({ code: "protocol" });
    await world().monitor.start(new ScriptedConnection({ answer, behind: behind(10_000) }));
  });

  it("refuses an answer of another form", async () => {
    await expect(world().monitor.start(new ScriptedConnection({ answer: {} }))).rejects.toThrow(
      "wants [found",
    );
  });
});
