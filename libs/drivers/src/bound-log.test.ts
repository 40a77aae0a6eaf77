import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundLog } from "./bound-log.ts";

let file = "";
beforeEach(() => void (file = path.join(mkdtempSync(path.join(tmpdir(), "weft-log-")), "log")));
afterEach(() => rmSync(path.dirname(file), { recursive: true }));

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join("");

describe("a log that is bounded", () => {
  it("stays as it is up to the limit, and is not made where there is none", () => {
    boundLog(file, 100);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    writeFileSync(file, lines(0, 10));
    boundLog(file, 100);
    expect(readFileSync(file, "utf8")).toBe(lines(0, 10));
  });

  it("keeps its last lines whole past the limit, and whoever appends goes on after them", () => {
    writeFileSync(file, lines(100, 200));
    boundLog(file, 200);
    expect(readFileSync(file, "utf8")).toBe(lines(189, 200));
    spawnSync("sh", ["-c", `echo more >> ${file}`]);
    expect(readFileSync(file, "utf8")).toBe(`${lines(189, 200)}more\n`);
  });

  it("that cannot be cut ends nobody who looks after it", () => {
    expect(() => boundLog(path.dirname(file), 1)).not.toThrow();
  });
});
