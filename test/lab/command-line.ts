/** Runs the `weft` command as a user does, and Open vSwitch's own tools beside it. Waits for conditions by name. */
import { spawn } from "node:child_process";
import { join } from "node:path";

export const top = join(import.meta.dirname, "../..");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; stdin is what is given, or nothing. */
export function run(
  program: string,
  args: readonly string[],
  stdin = "",
  timeoutMs = 120_000,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: top, stdio: "pipe", timeout: timeoutMs });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

export function weft(...args: string[]): Promise<Outcome> {
  return run(process.execPath, [join(top, "libs/cli/bin/weft.mjs"), ...args]);
}

/** Applies text from stdin. */
export function applyText(text: string): Promise<Outcome> {
  return run(process.execPath, [join(top, "libs/cli/bin/weft.mjs"), "apply", "-f", "-"], text);
}

/** Documents as one YAML stream; JSON is YAML. */
export function yamlOf(documents: readonly unknown[]): string {
  return documents.map((document) => JSON.stringify(document)).join("\n---\n");
}

/** Runs the command and wants it to succeed; returns stdout. */
export async function weftDone(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await weft(...args);
  if (code !== 0) throw new Error(`weft ${args.join(" ")} exited ${code}: ${stderr}`);
  return stdout;
}

export async function weftJson(...args: string[]): Promise<unknown> {
  return JSON.parse(await weftDone(...args, "-o", "json"));
}

/** Everything that OVN's northbound database holds, as its own tool prints it, but for the counter of rounds. */
export async function northboundDump(endpoint: string): Promise<string> {
  const { code, stdout, stderr } = await run("ovsdb-client", [
    "dump",
    "--format=json",
    endpoint,
    "OVN_Northbound",
  ]);
  if (code !== 0) throw new Error(`ovsdb-client: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => !line.includes('"caption":"NB_Global table"'))
    .toSorted()
    .join("\n");
}

/** Looks every 100 ms until the condition gives a value; fails with its name at the deadline. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

/** What it wrote; throws with its complaint unless it exits with 0. */
export async function done(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
