/**
 * Is a configuration sound? Asks the function's schema and renderer first, then the function's own tool.
 * The tool runs in a network namespace of its own that ends with it, so nothing can go live by a check.
 * Used at admission; once more the tool of the shard's host checks what it loads.
 */
import { spawn } from "node:child_process";
import { WeftError } from "@weft/schemas";
import type { Fault } from "@weft/schemas";
import { functions } from "./catalogue.ts";
import type { Command } from "./network-function.ts";

const checkWithinMs = 10_000;

/** Faults with paths relative to the configuration (`rules[1].ports`); empty when it is sound. */
export async function checkFunctionConfig(
  name: string,
  config: unknown,
  context: { readonly networks: Readonly<Record<string, readonly string[]>> },
): Promise<Fault[]> {
  const known = functions.get(name);
  if (known === undefined) return [{ path: "", message: `there is no function "${name}"` }];
  const faults = known.faults(config, context);
  if (faults.length > 0) return faults;
  const rendered = known.render(config, context);
  const { code, stderr } = await runApart(rendered.check);
  return code === 0 ? [] : rendered.explain(stderr);
}

/** Without root, a user namespace gives the rights over the throw-away network namespace. */
function apart(): string[] {
  const asRoot = process.getuid?.() === 0;
  return ["unshare", ...(asRoot ? [] : ["--user", "--map-root-user"]), "--net", "--"];
}

function runApart({ argv, stdin }: Command): Promise<{ code: number | null; stderr: string }> {
  const [file = "", ...args] = [...apart(), ...argv];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ["pipe", "ignore", "pipe"],
      timeout: checkWithinMs,
      env: { ...process.env, LC_ALL: "C.UTF-8", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (cause) =>
      reject(new WeftError("unavailable", `${argv[0]} cannot be run: ${cause.message}.`, { cause })),
    );
    child.once("close", (code) => {
      // unshare answers 127 when the tool is missing; that says nothing about the configuration.
      if (code === 127 || code === null)
        reject(new WeftError("unavailable", `${argv[0]} cannot be run: ${stderr.trim()}.`));
      else resolve({ code, stderr });
    });
    // A tool that ends before it has read everything is known by its exit code.
    child.stdin.once("error", () => undefined);
    child.stdin.end(stdin ?? "");
  });
}
