import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, freePorts } from "@weft/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

const main = fileURLToPath(new URL("support/main.ts", import.meta.url));

function run(environment: Record<string, string>) {
  const { PATH = "" } = process.env;
  const child: ChildProcess = spawn(process.execPath, [main], { env: { PATH, ...environment } });
  const said = { text: "" };
  child.stdout?.on("data", (chunk: Buffer) => (said.text += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said.text += chunk.toString()));
  const code = once(child, "close").then(([exit]: unknown[]) => exit);
  return { child, said, code, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

describe("a service as a process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops cleanly at %s and leaves with 0", async (signal) => {
    using service = run({ WEFT_MODE: "good" });
    await eventually("it has started", () => service.said.text.includes('"msg":"started"'));
    service.child.kill(signal);
    expect(await service.code).toBe(0);
    expect(service.said.text).toContain("is stopping");
    expect(service.said.text).toContain('"msg":"stopped"');
  });

  it("keeps what Node has compiled of it, also when it is killed", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "weft-compiled-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    using service = run({ WEFT_MODE: "good", NODE_COMPILE_CACHE: folder });
    await eventually("it is kept", () => readdirSync(folder, { recursive: true }).length > 1);
    service.child.kill("SIGKILL");
    await service.code;
    expect(service.said.text).not.toContain("is stopping");
  });

  it("can be stopped while it is still starting", async () => {
    using service = run({ WEFT_MODE: "neverStarts" });
    await eventually("it is starting", () => service.said.text.includes("starting for ever"));
    service.child.kill("SIGTERM");
    expect(await service.code).toBe(0);
  });

  it.each([
    ["failsToStart", "cannot start"],
    ["crashes", "nobody catches this"],
  ])("that %s says why, stops what it can and leaves with 1", async (mode, why) => {
    using service = run({ WEFT_MODE: mode });
    expect(await service.code).toBe(1);
    expect(service.said.text).toContain(why);
    expect(service.said.text).toContain("is stopping");
  });

  it("with a bad configuration names every fault and leaves with 2", async () => {
    using service = run({ WEFT_MODE: "nonsense", WEFT_NO_SUCH: "x" });
    expect(await service.code).toBe(2);
    expect(service.said.text).toContain("WEFT_MODE");
    expect(service.said.text).toContain("WEFT_NO_SUCH");
  });

  it("shows its metrics and that it lives, where it is told to", async () => {
    const [port = 0] = await freePorts(1);
    using service = run({ WEFT_MODE: "good", WEFT_METRICS_PORT: String(port) });
    await eventually("it has started", () => service.said.text.includes('"msg":"started"'));
    const read = async (page: string) => (await fetch(`http://127.0.0.1:${port}${page}`)).text();
    expect(await read("/healthz")).toBe("ok\n");
    const metrics = await read("/metrics");
    expect(metrics).toContain("weft_reconcile_seconds");
    expect(metrics).toMatch(/^process_cpu_seconds_total 0\.\d+$/m);
    expect((await fetch(`http://127.0.0.1:${port}/else`)).status).toBe(404);
    service.child.kill("SIGTERM");
    expect(await service.code).toBe(0);
  });

  it("is not healthy while it is starting", async () => {
    const [port = 0] = await freePorts(1);
    using service = run({ WEFT_MODE: "neverStarts", WEFT_METRICS_PORT: String(port) });
    await eventually("it is starting", () => service.said.text.includes("starting for ever"));
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(503);
  });
});
