import { describe, expect, it } from "vitest";
import { OpenVswitch } from "../generated/open-vswitch.ts";
import { OvnNorthbound } from "../generated/ovn-northbound.ts";
import { database } from "./database.ts";
import type { Operation } from "./operation.ts";
import { abort, assert, comment, commit } from "./transaction.ts";
import type { Uuid } from "./uuid.ts";
import { isId, rowName } from "./uuid.ts";

const nb = database(OvnNorthbound);
const vs = database(OpenVswitch);
const uuid = "36bef046-7da7-43a5-905a-c17899216fcb" as Uuid;

describe("the typed builder returns plain operations", () => {
  it.each<[string, Operation, unknown]>([
    [
      "insert with a name for later rows",
      nb.insert("Logical_Switch", { name: "a", external_ids: { k: "v" } }, "sw"),
      {
        op: "insert",
        table: "Logical_Switch",
        row: { name: "a", external_ids: ["map", [["k", "v"]]] },
        "uuid-name": "sw",
      },
    ],
    [
      "insert that refers to a row by name and to another by UUID",
      nb.insert("Logical_Switch", { ports: [{ named: "p" }, uuid] }),
      {
        op: "insert",
        table: "Logical_Switch",
        row: {
          ports: [
            "set",
            [
              ["named-uuid", "p"],
              ["uuid", uuid],
            ],
          ],
        },
      },
    ],
    [
      "update that empties an optional column",
      nb.update("Logical_Switch_Port", [["name", "==", "p"]], { parent_name: undefined, enabled: true }),
      {
        op: "update",
        table: "Logical_Switch_Port",
        where: [["name", "==", "p"]],
        row: { parent_name: ["set", []], enabled: true },
      },
    ],
    [
      "where by UUID",
      nb.delete("Logical_Switch", uuid),
      { op: "delete", table: "Logical_Switch", where: [["_uuid", "==", ["uuid", uuid]]] },
    ],
    [
      "where by name in the same transaction",
      nb.mutate("Logical_Switch", { named: "sw" }, [["ports", "insert", [{ named: "p" }]]]),
      {
        op: "mutate",
        table: "Logical_Switch",
        where: [["_uuid", "==", ["named-uuid", "sw"]]],
        mutations: [["ports", "insert", ["set", [["named-uuid", "p"]]]]],
      },
    ],
    [
      "conditions on maps and numbers",
      nb.select(
        "ACL",
        [
          ["external_ids", "includes", { owner: "w" }],
          ["priority", ">=", 5],
        ],
        ["_uuid", "match"],
      ),
      {
        op: "select",
        table: "ACL",
        where: [
          ["external_ids", "includes", ["map", [["owner", "w"]]]],
          ["priority", ">=", 5],
        ],
        columns: ["_uuid", "match"],
      },
    ],
    [
      "mutations of numbers, and of a map by key and by pair",
      nb.mutate(
        "NB_Global",
        [],
        [
          ["nb_cfg", "+=", 1],
          ["options", "delete", ["a"]],
          ["options", "delete", { b: "1" }],
          ["options", "insert", { a: "2" }],
        ],
      ),
      {
        op: "mutate",
        table: "NB_Global",
        where: [],
        mutations: [
          ["nb_cfg", "+=", 1],
          ["options", "delete", ["set", ["a"]]],
          ["options", "delete", ["map", [["b", "1"]]]],
          ["options", "insert", ["map", [["a", "2"]]]],
        ],
      },
    ],
    [
      "wait that checks once",
      nb.wait("NB_Global", [], { until: "==", rows: [{ external_ids: { epoch: "7" } }] }),
      {
        op: "wait",
        table: "NB_Global",
        where: [],
        columns: ["external_ids"],
        until: "==",
        rows: [{ external_ids: ["map", [["epoch", "7"]]] }],
        timeout: 0,
      },
    ],
    [
      "wait for absence",
      nb.wait("Logical_Switch", [["name", "==", "a"]], { until: "==", rows: [], timeoutMs: 50 }),
      {
        op: "wait",
        table: "Logical_Switch",
        where: [["name", "==", "a"]],
        columns: ["_uuid"],
        until: "==",
        rows: [],
        timeout: 50,
      },
    ],
    [
      "a map with whole numbers as keys",
      vs.insert("QoS", { type: "linux-htb", queues: new Map([[0, { named: "q0" }]]) }),
      {
        op: "insert",
        table: "QoS",
        row: { type: "linux-htb", queues: ["map", [[0, ["named-uuid", "q0"]]]] },
      },
    ],
    ["commit", commit(true), { op: "commit", durable: true }],
    ["abort", abort(), { op: "abort" }],
    ["comment", comment("why"), { op: "comment", comment: "why" }],
    ["assert", assert("lock"), { op: "assert", lock: "lock" }],
  ])("%s", (_, operation, expected) => {
    expect(operation).toEqual(expected);
  });
});

describe("what does not compile", () => {
  it("also throws, with its place", () => {
    // @ts-expect-error: no such column
    expect(() => nb.insert("Logical_Switch", { nam: "a" })).toThrow("Logical_Switch.nam: no such column");
    // @ts-expect-error: wrong type
    expect(() => nb.insert("Logical_Switch", { name: 1 })).toThrow(
      "Logical_Switch.name: wants string, got 1",
    );
    // @ts-expect-error: any text is no UUID
    expect(() => nb.insert("Logical_Switch", { ports: ["p1"] })).toThrow("wants a UUID");
    // @ts-expect-error: no such table
    expect(() => nb.delete("Logical_Swich", [])).toThrow("no such table in OVN_Northbound");
    // @ts-expect-error: a set takes no arithmetic
    expect(() => nb.mutate("Logical_Switch", [], [["ports", "+=", "a"]])).toThrow("wants a UUID");
    // @ts-expect-error: a condition on a column that is not there
    expect(() => nb.delete("Logical_Switch", [["x", "==", "a"]])).toThrow("Logical_Switch.x");
    expect(() => nb.insert("Logical_Switch", {}, "a-b")).toThrow("letters, digits and _ only");
  });

  it("is also what the server alone would refuse", () => {
    // @ts-expect-error: written in an insert only
    vs.update("Interface", [["name", "==", "a"]], { name: "b" });
    // @ts-expect-error: not in the enumeration
    nb.insert("ACL", { action: "permit" });
    // @ts-expect-error: text has no order
    nb.delete("Logical_Switch", [["name", "<", "a"]]);
    // @ts-expect-error: not a key of this map
    nb.insert("QoS", { bandwidth: { speed: 5 } });
    expect(vs.insert("Interface", { name: "b" }).row).toEqual({ name: "b" });
  });
});

describe("rows that a select answered", () => {
  it("are typed, and columns left out get their default", () => {
    const [row] = nb.rows("Logical_Switch", {
      rows: [{ _uuid: ["uuid", uuid], name: "a", ports: ["set", []] }],
    });
    expect(row?.name).toBe("a");
    expect(row).toMatchObject({ _uuid: uuid, ports: [], external_ids: {}, copp: undefined });
  });

  it("need their UUID", () => {
    expect(() => nb.rows("Logical_Switch", { rows: [{ name: "a" }] })).toThrow("no UUID");
  });
});

describe("a uuid-name made of any text", () => {
  it("is an <id>, and another for another text", () => {
    const names = ["a", "a-b", "a_b", "a.b", "ü", "", "a_2d_b", "😀"].map(rowName);
    expect(names.every(isId)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });
});
