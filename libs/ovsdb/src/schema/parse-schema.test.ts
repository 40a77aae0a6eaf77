import { describe, expect, it } from "vitest";
import { servedColumns } from "./compare-schema.ts";
import { parseColumnType } from "./parse-column.ts";
import { parseSchema } from "./parse-schema.ts";

const withColumn = (type: unknown): unknown => ({ name: "D", tables: { T: { columns: { c: { type } } } } });

describe("the ways to spell a column's type", () => {
  it.each<[unknown, unknown]>([
    ["string", { key: { type: "string" }, min: 1, max: 1 }],
    [{ key: "integer" }, { key: { type: "integer" }, min: 1, max: 1 }],
    [
      { key: { type: "uuid", refTable: "T" }, min: 0 },
      { key: { type: "uuid", refTable: "T", refType: "strong" }, min: 0, max: 1 },
    ],
    [
      { key: { type: "string", enum: ["set", ["a", "b"]] } },
      { key: { type: "string", enum: ["a", "b"] }, min: 1, max: 1 },
    ],
    [{ key: { type: "string", enum: "a" } }, { key: { type: "string", enum: ["a"] }, min: 1, max: 1 }],
    [
      { key: "string", value: "string", min: 0, max: "unlimited" },
      { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
    ],
    [
      { key: { type: "integer", minInteger: 0, maxInteger: 4095 }, min: 0, max: 4096 },
      { key: { type: "integer", minInteger: 0, maxInteger: 4095 }, min: 0, max: 4096 },
    ],
  ])("%j", (json, type) => {
    expect(parseColumnType(json, "T.c")).toEqual(type);
  });
});

describe("a schema that cannot be read", () => {
  it.each<[string, unknown, string]>([
    ["no object", [], "schema: wants an object"],
    ["no tables", { name: "D" }, "schema: wants an object"],
    ["a table without columns", { name: "D", tables: { T: {} } }, "D.T: wants an object with columns"],
    [
      "a column that is no object",
      { name: "D", tables: { T: { columns: { c: 1 } } } },
      "D.T.c: wants an object",
    ],
    ["an unknown type", withColumn("text"), 'D.T.c: unknown type "text"'],
    ["no type", withColumn(undefined), "D.T.c: unknown type undefined"],
    ["a wrong min", withColumn({ key: "string", min: 2 }), "D.T.c: min wants 0 or 1"],
    ["a wrong max", withColumn({ key: "string", max: 0 }), "D.T.c: max wants"],
    ["wrong indexes", { name: "D", tables: { T: { columns: {}, indexes: ["a"] } } }, "D.T: an index wants"],
  ])("names its place: %s", (_, json, complaint) => {
    expect(() => parseSchema(json)).toThrow(complaint);
  });
});

describe("a server whose schema is another", () => {
  const table = (columns: Record<string, unknown>) => {
    const parsed = parseSchema({ name: "D", tables: { T: { columns } } }).tables["T"];
    if (parsed === undefined) {
      throw new Error("T is there");
    }
    return parsed;
  };
  const wanted = {
    place: "T",
    schema: table({ a: { type: "string" }, b: { type: { key: "integer", min: 0 } } }),
  };

  it("is asked only for what it has", () => {
    const served = table({ a: { type: { key: { type: "string", maxLength: 9 } } }, z: { type: "string" } });
    expect(servedColumns({ ...wanted, columns: ["a", "b"] }, served)).toEqual({
      served: ["a"],
      missing: ["b"],
    });
  });

  it("is refused where a column we want has another type", () => {
    const served = table({ a: { type: "string" }, b: { type: { key: "integer", min: 0, max: 2 } } });
    expect(() => servedColumns({ ...wanted, columns: ["a", "b"] }, served)).toThrow(
      "T.b: the server's column",
    );
  });
});
