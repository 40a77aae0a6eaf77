import { describe, expect, it } from "vitest";
import { OvnNorthbound } from "../generated/ovn-northbound.ts";
import type { Uuid } from "../notation/uuid.ts";
import type { RowUpdate } from "../updates/row-update.ts";
import { createReplica } from "./create-replica.ts";
import { filterRows } from "./filter-rows.ts";

const a = "00000000-0000-4000-8000-00000000000a" as Uuid;
const b = "00000000-0000-4000-8000-00000000000b" as Uuid;
const c = "00000000-0000-4000-8000-00000000000c" as Uuid;

const whole = (uuid: Uuid, columns: Record<string, unknown>): RowUpdate => ({
  table: "Logical_Switch",
  uuid,
  kind: "whole",
  columns,
});
const diff = (uuid: Uuid, columns: Record<string, unknown>): RowUpdate =>
  ({ ...whole(uuid, columns), kind: "diff" }) as RowUpdate;
const gone = (uuid: Uuid): RowUpdate => ({ table: "Logical_Switch", uuid, kind: "delete" });
const ids = (owner: string): unknown => ["map", [["owner", owner]]];

function world() {
  const replica = createReplica(OvnNorthbound, {
    Logical_Switch: {
      columns: ["name", "external_ids", "ports"],
      indexes: ["name", "external_ids:owner", ["name", "external_ids:owner"]],
    },
    Logical_Switch_Port: {},
  });
  const events: unknown[] = [];
  replica.changed.subscribe(({ version, changes }) =>
    events.push([
      version,
      ...changes.map((change) => [change.uuid, change.before?.name, change.after?.name]),
    ]),
  );
  return { replica, events, switches: replica.table("Logical_Switch") };
}

describe("a replica that follows updates", () => {
  it("holds rows with their types, defaults included", () => {
    const { replica, switches } = world();
    replica.apply([whole(a, { name: "x", external_ids: ids("w") })]);
    const row = switches.get(a);
    const name: string | undefined = row?.name;
    expect(name).toBe("x");
    expect(row).toEqual({ _uuid: a, name: "x", external_ids: { owner: "w" }, ports: [] });
    expect(switches.size).toBe(1);
    // @ts-expect-error: a column that is not watched
    expect(row?.acls).toBeUndefined();
  });

  it("tells each transaction as one event, and none where nothing changed", () => {
    const { replica, events } = world();
    replica.apply([whole(a, { name: "x" }), whole(b, { name: "y" })]);
    replica.apply([diff(a, { name: "z" }), gone(b)]);
    replica.apply([diff(a, {}), gone(c)]);
    expect(events).toEqual([
      [1, [a, undefined, "x"], [b, undefined, "y"]],
      [2, [a, "x", "z"], [b, "y", undefined]],
    ]);
    expect(replica.version).toBe(2);
  });

  it("never changes a row that it handed out", () => {
    const { replica, switches } = world();
    replica.apply([whole(a, { external_ids: ids("w") })]);
    const [before, snapshot] = [switches.get(a), replica.snapshot()];
    replica.apply([diff(a, { external_ids: ["map", [["owner", "v"]]] })]);
    expect(before?.external_ids).toEqual({ owner: "w" });
    expect(snapshot.Logical_Switch).toEqual([before]);
    expect(switches.get(a)?.external_ids).toEqual({ owner: "v" });
  });

  it("applies a notification whole or not at all", () => {
    const { replica, switches, events } = world();
    expect(() => replica.apply([whole(a, { name: "x" }), diff(b, { name: "y" })])).toThrow("never sent");
    expect(() => replica.apply([whole(a, { name: 5 })])).toThrow("Logical_Switch.name: wants string");
    expect(switches.size).toBe(0);
    expect(events).toEqual([]);
  });

  it("passes over tables and columns that it did not ask for", () => {
    const { replica, switches } = world();
    replica.apply([whole(a, { name: "x", acls: 5 }), { ...whole(b, {}), table: "ACL" }]);
    expect(switches.rows()).toEqual([{ _uuid: a, name: "x", external_ids: {}, ports: [] }]);
  });
});

describe("a replica that is loaded afresh", () => {
  it("tells only what is different", () => {
    const { replica, events } = world();
    replica.reload([whole(a, { name: "x" }), whole(b, { name: "y" }), whole(c, { name: "z" })]);
    replica.reload([whole(a, { name: "x" }), whole(b, { name: "Y" })]);
    replica.reload([whole(a, { name: "x" }), whole(b, { name: "Y" })]);
    expect(events.slice(1)).toEqual([[2, [b, "y", "Y"], [c, "z", undefined]]]);
  });
});

describe("find", () => {
  const names = (rows: readonly { readonly name: string }[]): readonly string[] =>
    rows.map(({ name }) => name).sort();

  it("compares scalars and looks into sets and maps", () => {
    const { replica, switches } = world();
    replica.apply([
      whole(a, {
        name: "x",
        external_ids: ids("w"),
        ports: [
          "set",
          [
            ["uuid", a],
            ["uuid", b],
          ],
        ],
      }),
      whole(b, { name: "y", external_ids: ids("w") }),
      whole(c, { name: "z", external_ids: ids("v") }),
    ]);
    expect(names(switches.find({ name: "x" }))).toEqual(["x"]);
    expect(names(switches.find({ external_ids: { owner: "w" } }))).toEqual(["x", "y"]);
    expect(names(switches.find({ external_ids: { owner: "w" }, name: "y" }))).toEqual(["y"]);
    expect(names(switches.find({ external_ids: {} }))).toEqual(["x", "y", "z"]);
    expect(names(switches.find({ ports: [b] }))).toEqual(["x"]);
    expect(names(switches.find({ name: "q" }))).toEqual([]);
  });

  it("follows changes of the indexed values", () => {
    const { replica, switches } = world();
    replica.apply([whole(a, { name: "x", external_ids: ids("w") })]);
    replica.apply([diff(a, { external_ids: ids("v") })]);
    expect(switches.find({ external_ids: { owner: "w" } })).toEqual([]);
    expect(names(switches.find({ external_ids: { owner: "v" } }))).toEqual(["x"]);
    replica.apply([gone(a)]);
    expect(switches.find({ external_ids: { owner: "v" } })).toEqual([]);
  });

  it("uses the schema's own indexes and finds unset optionals", () => {
    const { replica } = world();
    const ports = replica.table("Logical_Switch_Port");
    replica.apply([{ ...whole(a, { name: "p" }), table: "Logical_Switch_Port" }]);
    expect(names(ports.find({ name: "p" }))).toEqual(["p"]);
    expect(names(ports.find({ parent_name: undefined }))).toEqual(["p"]);
    expect(ports.find({ parent_name: "q" })).toEqual([]);
  });
});

describe("listeners", () => {
  it("are called until they end it, each once", () => {
    const { replica } = world();
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    const end = replica.changed.subscribe(listener);
    replica.changed.subscribe(listener);
    replica.apply([whole(a, { name: "x" })]);
    end();
    replica.apply([whole(b, { name: "y" })]);
    expect(calls).toBe(3);
  });
});

describe("rows filtered here, for servers that cannot", () => {
  it("leave when they no longer meet any condition", () => {
    const table = {
      name: "Logical_Switch",
      schema: {
        columns: {
          name: { type: { key: { type: "string" }, min: 1, max: 1 }, mutable: true, ephemeral: false },
        },
        isRoot: true,
        indexes: [],
      },
      columns: ["name"],
      where: [
        ["name", "==", "x"],
        ["name", "==", "y"],
      ],
    } as const;
    const tables = new Map([["Logical_Switch", table]]);
    expect(filterRows(tables, [whole(a, { name: "x" }), whole(b, { name: "q" }), gone(c)])).toEqual([
      whole(a, { name: "x" }),
      gone(b),
      gone(c),
    ]);
  });
});
