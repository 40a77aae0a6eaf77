/** Walks every source of Weft against the table in rules.ts, and shows that each rule can be broken. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultsOf, ruleOf } from "./check.ts";
import { rules } from "./rules.ts";

const top = join(import.meta.dirname, "../..");
const sources = globSync(["schemas/**/*.ts", "libs/**/*.ts", "services/**/*.ts"], {
  cwd: top,
  exclude: (name) => /(^|\/)(node_modules|dist|web)$/.test(name),
}).filter((file) => !file.endsWith(".d.ts"));

describe("the tree as it stands", () => {
  it("is read at all", () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it("keeps to the table", () => {
    const faults = sources.flatMap((file) => faultsOf(file, readFileSync(join(top, file), "utf8"), rules));
    expect(faults).toEqual([]);
  });
});

describe("a source that breaks a rule", () => {
  const cases: [claim: string, file: string, text: string, fault: string][] = [
    ["schemas imports Weft", "schemas/src/x.ts", 'import "@weft/bus";', "may not import @weft/bus"],
    ["schemas imports node", "schemas/src/x.ts", 'import "node:fs";', "may not import node:fs"],
    [
      "decide imports node",
      "libs/decide/src/x.ts",
      'import { readFileSync } from "fs";',
      "may not import fs",
    ],
    ["decide reads the clock", "libs/decide/src/x.ts", "export const now = Date.now();", "may not use Date"],
    [
      "decide throws dice",
      "libs/decide/src/x.ts",
      "export const n = Math.random();",
      "may not use Math.random",
    ],
    ["decide waits", "libs/decide/src/x.ts", "export async function f() {}", "may not be asynchronous"],
    [
      "decide reads the environment",
      "libs/decide/src/x.ts",
      "export const e = process.env;",
      "may not use process",
    ],
    ["decide promises", "libs/decide/src/x.ts", "export const p = Promise.resolve();", "may not use Promise"],
    [
      "ovsdb's core opens a socket",
      "libs/ovsdb/src/rpc/x.ts",
      'import "node:net";',
      "may not import node:net",
    ],
    [
      "ovsdb's core imports its client",
      "libs/ovsdb/src/rpc/x.ts",
      'import "../client/x.ts";',
      "may not import the client",
    ],
    ["ovn imports the client", "libs/ovn/src/x.ts", 'import "@weft/ovsdb";', "may not import @weft/ovsdb"],
    ["the bus imports decide", "libs/bus/src/x.ts", 'import "@weft/decide";', "may not import @weft/decide"],
    ["the client imports the bus", "libs/client/src/x.ts", 'import "@weft/bus";', "may not import @weft/bus"],
    [
      "a service imports a service",
      "services/agent/src/x.ts",
      'import "@weft/service-intent";',
      "may not import",
    ],
    [
      "a service imports the lab",
      "services/agent/src/x.ts",
      'import "@weft/lab";',
      "may not import @weft/lab",
    ],
    [
      "a service reaches over",
      "services/agent/src/x.ts",
      'import "../../intent/src/x.ts";',
      "reaches out of",
    ],
    [
      "a dynamic import",
      "libs/decide/src/x.ts",
      'export const f = () => import("node:fs");',
      "may not import node:fs",
    ],
    ["a folder nobody listed", "libs/new/src/x.ts", "export const x = 1;", "lies in no folder"],
  ];
  it.each(cases)("%s: is found", (_claim, file, text, fault) => {
    expect(faultsOf(file, text, rules).join("\n")).toContain(fault);
  });

  it("and one that keeps them all is not", () => {
    expect(faultsOf("libs/decide/src/x.ts", 'import { Label } from "@weft/schemas";', rules)).toEqual([]);
    expect(ruleOf("libs/ovsdb/src/client/socket.ts", rules)?.node).toBe(true);
  });
});
