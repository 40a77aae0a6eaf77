/** Which servers and peers the figures were taken with, as they say themselves. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { program } from "@weft/testkit";

const run = promisify(execFile);

export async function versionsOf(): Promise<Record<string, string>> {
  const [server, nbctl, app] = await Promise.all([
    run(program("ovsdb-server"), ["--version"]),
    run(program("ovn-nbctl"), ["--version"]),
    run("/usr/bin/python3", ["-c", "import importlib.metadata as m; print(m.version('ovsdbapp'))"]),
  ]);
  const last = (text: string) => text.split("\n")[0]?.split(" ").at(-1) ?? "unknown";
  return {
    "ovsdb-server": last(server.stdout),
    "ovn-nbctl": last(nbctl.stdout),
    ovsdbapp: app.stdout.trim(),
  };
}
