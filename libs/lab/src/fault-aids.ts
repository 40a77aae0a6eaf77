/**
 * What tests of faults ask of a lab by the environment of `weft up`: a bus whose store can be filled up, and services whose
 * clocks can be set apart. Without these settings a lab has neither.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { runCommand } from "./command.ts";
import type { LabLayout } from "./layout.ts";

/** How often a process reads its clock's file again. */
const clockReadSeconds = 1;

/** With WEFT_LAB_STORE_BYTES the bus keeps its files on a file system of that size; `weft down` takes it away as it does every mount. */
export async function boundStore(lab: LabLayout, signal: AbortSignal): Promise<void> {
  const bytes = process.env["WEFT_LAB_STORE_BYTES"];
  if (bytes === undefined) return;
  if (!/^[1-9]\d{6,11}$/.test(bytes))
    throw new WeftError(
      "invalid-request",
      `WEFT_LAB_STORE_BYTES: "${bytes}" is no number of bytes above 1 MB.`,
    );
  mkdirSync(lab.natsFolder, { recursive: true });
  await runCommand(["mount", "-t", "tmpfs", "-o", `size=${bytes},mode=0700`, "weft-lab", lab.natsFolder], {
    signal,
  });
}

/**
 * With WEFT_LAB_CLOCKS, the path of libfaketime's library, every service reads the wall clock through it: `+3600` written to
 * `<lab folder>/clocks/<process>` sets it an hour ahead, `+0` back. Monotonic time is the machine's.
 */
export function clockSettings(lab: LabLayout, name: string): Record<string, string> {
  const library = process.env["WEFT_LAB_CLOCKS"];
  if (library === undefined) return {};
  if (!existsSync(library))
    throw new WeftError("invalid-request", `WEFT_LAB_CLOCKS: there is no library ${library}.`);
  const file = clockFile(lab, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "+0\n");
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: String(clockReadSeconds),
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_DONT_RESET: "1",
  };
}

export function clockFile(lab: Pick<LabLayout, "folder">, name: string): string {
  return path.join(lab.folder, "clocks", name);
}
