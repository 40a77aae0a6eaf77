/** What cgroups say of either version, from files as a kernel writes them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCgroups, usageOf } from "./cgroup.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), "weft-cgroup-"))));
afterEach(() => rmSync(root, { recursive: true }));
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};

describe("a process's cgroups", () => {
  it("of version 1 have a path for each controller, also for two in one hierarchy", () => {
    const text =
      "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n";
    expect(parseCgroups(text)).toMatchObject({ cpuacct: "/docker/abc", memory: "/docker/abc" });
  });

  it("of version 2 have one path", () => {
    const unified = "/system.slice/docker-abc.scope";
    expect(parseCgroups(`0::${unified}\n`)).toEqual({ unified, cpuacct: undefined, memory: undefined });
  });
});

describe("what a cgroup's processes use", () => {
  it("is read from version 1", () => {
    write("cpuacct/docker/abc/cpuacct.usage", "1500000000\n");
    write("memory/docker/abc/memory.usage_in_bytes", "5000\n");
    write("memory/docker/abc/memory.stat", "cache 9\ninactive_file 1\ntotal_inactive_file 2000\n");
    const paths = { unified: "/docker/abc", cpuacct: "/docker/abc", memory: "/docker/abc" };
    expect(usageOf(paths, root)).toEqual({ cpuSeconds: 1.5, memory: 3000 });
  });

  it("is read from version 2", () => {
    write("a.scope/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
    write("a.scope/memory.current", "7000\n");
    write("a.scope/memory.stat", "anon 1\ninactive_file 3000\n");
    expect(usageOf({ unified: "/a.scope" }, root)).toEqual({ cpuSeconds: 2.5, memory: 4000 });
  });

  it("is null where it is not accounted for", () => {
    expect(usageOf({ unified: "/gone" }, root)).toEqual({ cpuSeconds: null, memory: null });
    expect(usageOf({}, root)).toEqual({ cpuSeconds: null, memory: null });
  });
});
