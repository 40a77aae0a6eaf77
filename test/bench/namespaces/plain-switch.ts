/**
 * A user-space Open vSwitch of the bench's own, for those who are measured beside Weft: in a network namespace of its own, so
 * that nothing of the machine is touched, with a database of its own. Ends its processes and removes its namespace.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { program, ServerProcess, startOvsdb } from "@weft/testkit";
import type { OvsdbServer } from "@weft/testkit";

const run = promisify(execFile);
export const plainNamespace = "weft-bench";

export interface PlainSwitch extends AsyncDisposable {
  readonly remote: string;
  /** OVS_RUNDIR of its own tools. */
  readonly folder: string;
  /** Ports of its datapath, bridges' own among them. */
  ports(): Promise<number>;
}

export async function startPlainSwitch(): Promise<PlainSwitch> {
  await using open = new AsyncDisposableStack();
  await run("ip", ["netns", "add", plainNamespace]);
  open.defer(async () => void (await run("ip", ["netns", "delete", plainNamespace])));
  await run("ip", ["-n", plainNamespace, "link", "set", "lo", "up"]);
  const database: OvsdbServer = open.use(await startOvsdb({ schema: "open-vswitch" }));
  const { folder } = database.server;
  await run("ovs-vsctl", [`--db=${database.unix}`, "--no-wait", "init"]);
  const control = path.join(folder, "vswitchd.ctl");
  open.use(await startSwitch(database, control));
  const kept = open.move();
  return {
    remote: database.unix,
    folder,
    ports: () => datapathPorts(control),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function startSwitch({ unix, server }: OvsdbServer, control: string): Promise<ServerProcess> {
  const inside = ["nsenter", `--net=/run/netns/${plainNamespace}`];
  // Its bridges' management sockets go to where ovs-ofctl looks for them.
  const environment = ["env", `OVS_RUNDIR=${server.folder}`];
  const log = ["-vconsole:warn", "-vsyslog:off", "--no-chdir"];
  return ServerProcess.start({
    name: "vswitchd",
    command: () => [...inside, ...environment, program("ovs-vswitchd"), ...log, `--unixctl=${control}`, unix],
    ready: () => Promise.resolve(existsSync(control)),
  });
}

/** Asked of ovs-vswitchd itself: its database forgets a port before the datapath does. */
export async function datapathPorts(control: string): Promise<number> {
  const { stdout } = await run("ovs-appctl", ["-t", control, "dpif/show"]);
  return stdout.split("\n").filter((line) => /^\s+\S+ \d+\/\d+:/.test(line)).length;
}
