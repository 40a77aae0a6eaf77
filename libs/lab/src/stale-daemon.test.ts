/** What a Docker daemon that was killed leaves of its number, before another one is started on the same folder. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareDockerd } from "../../../setup/dockerd.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "weft-dockerd-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const daemon = () => path.join(folder, "dockerd.pid");
const containerd = () => path.join(folder, "docker/containerd/containerd.pid");

function leave(file: string, pid: number): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${pid}\n`);
}

describe("a number that a killed Docker daemon left", () => {
  it("is forgotten when it is another process's now", () => {
    for (const file of [daemon(), containerd()]) leave(file, process.pid);
    prepareDockerd(folder);
    expect([daemon(), containerd()].filter((file) => existsSync(file))).toEqual([]);
  });

  it("stays when the daemon of that folder has it", async () => {
    const argument = prepareDockerd(folder).find((each) => each.startsWith("--pidfile=")) ?? "";
    const stand = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)", "--", argument]);
    const ended = new Promise((resolve) => stand.once("exit", resolve));
    await new Promise((resolve) => stand.once("spawn", resolve));
    leave(daemon(), stand.pid ?? 0);
    prepareDockerd(folder);
    expect(existsSync(daemon())).toBe(true);
    stand.kill();
    await ended;
  });
});
