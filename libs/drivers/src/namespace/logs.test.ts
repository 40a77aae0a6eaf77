import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLogs } from "./logs.ts";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), "weft-test-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tail(text: string, lines?: number): Promise<string> {
  const file = path.join(folder, "log");
  writeFileSync(file, text);
  const got: Buffer[] = [];
  const request = {
    follow: false,
    signal: new AbortController().signal,
    ...(lines === undefined ? {} : { tail: lines }),
  };
  await readLogs(file, request, async (_, data) => void got.push(Buffer.from(data)));
  return Buffer.concat(got).toString();
}

describe("the last lines of a log", () => {
  const long = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join("");
  it.each([
    ["a\nb\nc\n", 2, "b\nc\n"],
    ["a\nb\nc", 2, "b\nc"],
    ["a\nb\n", 9, "a\nb\n"],
    ["a\nb\n", 0, ""],
    ["", 3, ""],
    [long, 2, "line 19998\nline 19999\n"],
  ])("are found (%#)", async (text, lines, wanted) => {
    expect(await tail(text, lines)).toBe(wanted);
  });

  it("are all of them when no number is given", async () => {
    expect(await tail(long)).toBe(long);
  });

  it("go on as they come, until nobody wants more", async () => {
    const file = path.join(folder, "followed");
    writeFileSync(file, "a\n");
    const abort = new AbortController();
    let got = "";
    await readLogs(file, { follow: true, signal: abort.signal }, async (_, data) => {
      got += data.toString();
      if (got === "a\n") appendFileSync(file, "b\n");
      else abort.abort();
    });
    expect(got).toBe("a\nb\n");
  });
});
