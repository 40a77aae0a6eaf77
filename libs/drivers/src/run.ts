/**
 * Runs a program of the host to its end, with text in and text out.
 * Used where a driver needs `ip` or `nsenter`; a program that cannot be started is an error, an exit code is an answer.
 */
import { spawn } from "node:child_process";
import { WeftError } from "@weft/schemas";

export interface RunCommand {
  readonly argv: readonly string[];
  readonly stdin?: string;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const runWithinMs = 30_000;

/** Throws WeftError("unavailable") when it cannot be started or does not end in time. */
export function runOnHost({ argv, stdin }: RunCommand, withinMs = runWithinMs): Promise<Finished> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { timeout: withinMs, killSignal: "SIGKILL", env: hostEnvironment() });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data: Buffer) => stderr.push(data));
    child.once("error", (cause) =>
      reject(new WeftError("unavailable", `${file} cannot be run: ${cause.message}.`, { cause })),
    );
    child.once("close", (code) => {
      if (code === null)
        return reject(new WeftError("unavailable", `${argv.join(" ")} was ended after ${withinMs} ms.`));
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    // A program that ends before it has read everything is known by its exit code.
    child.stdin.once("error", () => undefined);
    child.stdin.end(stdin ?? "");
  });
}

/** The agent's settings are not its children's, but for the mark by which a lab finds what it must clean up. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !key.startsWith("WEFT_") || key === "WEFT_LAB");
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  return { ...Object.fromEntries(kept), PATH: path, LC_ALL: "C.UTF-8" };
}
