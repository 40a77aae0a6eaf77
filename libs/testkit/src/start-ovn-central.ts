/**
 * A real OVN centre for one test: both databases and ovn-northd between them; no root, no chassis.
 * Writes their folders.
 * Switches and routers are left to the tests; flows to machines that have Open vSwitch running.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { program } from "./program.ts";
import { ServerProcess } from "./server-process.ts";
import type { OvsdbServer } from "./start-ovsdb.ts";
import { startOvsdb } from "./start-ovsdb.ts";

const run = promisify(execFile);

export interface OvnCentral extends AsyncDisposable {
  readonly northbound: OvsdbServer;
  readonly southbound: OvsdbServer;
  readonly northd: ServerProcess;
  /** `ovn-nbctl` on this centre; returns stdout. */
  nbctl(...args: readonly string[]): Promise<string>;
}

/** Resolves when northd has carried something from the northbound database to the southbound one. */
export async function startOvnCentral(): Promise<OvnCentral> {
  const [northdFile, nbctlFile] = [program("ovn-northd"), program("ovn-nbctl")];
  const stack = new AsyncDisposableStack();
  try {
    const northbound = stack.use(await startOvsdb({ schema: "ovn-northbound" }));
    const southbound = stack.use(await startOvsdb({ schema: "ovn-southbound" }));
    const nbctl = async (...args: readonly string[]) =>
      (await run(nbctlFile, [`--db=${northbound.unix}`, "--timeout=10", ...args])).stdout;
    const northd = stack.use(
      await ServerProcess.start({
        name: "northd",
        command: (folder) => [
          northdFile,
          `--ovnnb-db=${northbound.unix}`,
          `--ovnsb-db=${southbound.unix}`,
          `--unixctl=${path.join(folder, "ctl")}`,
          "-vconsole:info",
          "-vsyslog:off",
        ],
        ready: async () => {
          await nbctl("--wait=sb", "sync");
          return true;
        },
      }),
    );
    return { northbound, southbound, northd, nbctl, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
