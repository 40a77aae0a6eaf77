/**
 * The demonstration as a script sees it, and what it leaves when it is stopped at any moment: nothing.
 * Runs the program that `npm start` runs after its set-up, with all of Weft's services and containers.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { labFolder, labStatus } from "@weft/lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { top, weftDone } from "./command-line.ts";
import { traceMachine } from "./machine-trace.ts";
import type { MachineTrace } from "./machine-trace.ts";

const Result = z.strictObject({
  nodes: z.literal(3),
  shardsBefore: z.literal(1),
  shardsAfter: z.literal(4),
  connections: z.number().min(200),
  shares: z.record(z.string(), z.number()),
  wrongShardReplies: z.literal(0),
  denied: z.strictObject({ attempted: z.number().min(20), refused: z.number() }),
  brokenByScale: z.number().min(0),
  seconds: z.number().positive(),
});

interface Running {
  readonly child: ChildProcess;
  /** Resolves when a line of its progress contains the words. */
  readonly reached: (words: string) => Promise<void>;
  /** Everything on stdout, and the exit code, once it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
}

function demonstration(...options: string[]): Running {
  const main = join(top, "libs/lab/src/demo/main.ts");
  const child = spawn(process.execPath, [main, ...options], {
    cwd: top,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let progress = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  createInterface({ input: child.stderr }).on("line", (line) => {
    progress += `${line}\n`;
    for (const look of waiting) look();
  });
  const reached = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => progress.includes(words) && resolve();
      waiting.add(look);
      look();
      child.once("exit", () => reject(new Error(`it ended before it said: ${words}\n${progress}`)));
    });
  const ended = once(child, "close").then(([code]: unknown[]) => ({
    code: typeof code === "number" ? code : null,
    stdout,
  }));
  return { child, reached, ended };
}

let before: MachineTrace;

beforeEach(async () => {
  await weftDone("down");
  before = traceMachine(labFolder());
});
afterEach(() => weftDone("down"));

describe("the demonstration", () => {
  it("ends with one JSON object: every share at least 0.15, no reply astray, every denied port refused", async () => {
    const { code, stdout } = await demonstration("--once", "--json").ended;
    const result = Result.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    const shares = Object.values(result.shares);
    expect(code).toBe(0);
    expect(shares).toHaveLength(4);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(result.connections);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.15 * result.connections);
    expect(result.denied.refused).toBe(result.denied.attempted);
    expect(traceMachine(labFolder())).toEqual(before);
  });
});

describe("the demonstration without --once", () => {
  it("stays up after its result, answers users, and leaves nothing at Ctrl-C", async () => {
    const { child, reached, ended } = demonstration();
    await reached("It all stays up until Ctrl-C");
    await reached("/docs");
    expect(await weftDone("get", "shards", "--tenant", "demo")).toContain("edge-fw-3");
    expect(await weftDone("describe", "node/node-1")).toContain("ready");
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(traceMachine(labFolder())).toEqual(before);
  });
});

describe("Ctrl-C", () => {
  it.each([
    ["while the servers start", "starting NATS"],
    ["while the services start", "starting Weft's services"],
    ["while shards and workloads start", "Waiting until everything is ready"],
    ["under traffic", "Opening 6 connections from each client, through one shard"],
    ["during the scale", "Scaling the firewall"],
  ])("%s leaves nothing behind", async (_moment, words) => {
    const { child, reached, ended } = demonstration("--once", "--json");
    await reached(words);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(traceMachine(labFolder())).toEqual(before);
  });
});

describe("kill -9 of the lab's supervisor under traffic", () => {
  it("leaves nothing once `weft down` has run", async () => {
    const { child, reached, ended } = demonstration("--once");
    await reached("Scaling the firewall");
    child.kill("SIGKILL");
    await ended;
    const supervisor = labStatus()?.supervisor.pid;
    expect(supervisor).toBeGreaterThan(1);
    process.kill(supervisor ?? 0, "SIGKILL");
    await weftDone("down");
    expect(traceMachine(labFolder())).toEqual(before);
  });
});
