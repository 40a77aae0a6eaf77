/**
 * A switch with VLANs for a test's machines: a user-space Open vSwitch of its own in a network namespace, since the kernel may
 * know no IEEE 802.1Q. Its trunk is one link of the namespace; the machine hangs on an access port that is a link, too.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, run } from "./command-line.ts";

export interface Trunk {
  readonly link: string;
  /** Tag of the access port's frames on the trunk. */
  readonly vlan: number;
  readonly mtu: number;
}

export class ManagedSwitch implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "weft-switch-"));
  readonly #children: ChildProcess[] = [];
  readonly #namespace: string;

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** The access port is a link of the namespace, named `nic`. */
  static async start(namespace: string, { link, vlan, mtu }: Trunk): Promise<ManagedSwitch> {
    const made = new ManagedSwitch(namespace);
    const inFolder = (name: string) => join(made.#folder, name);
    const [file, socket] = [inFolder("conf.db"), `unix:${inFolder("db.sock")}`];
    await made.#done("ovsdb-tool", ["create", file, "/usr/share/openvswitch/vswitch.ovsschema"]);
    made.#start("ovsdb-server", [`--remote=p${socket}`, `--unixctl=${inFolder("db.ctl")}`, file]);
    const tool = (...args: string[]) => made.#done("ovs-vsctl", [`--db=${socket}`, "--no-wait", ...args]);
    const answers = async () =>
      (await made.#run("ovs-vsctl", [`--db=${socket}`, "--no-wait", "show"])).code === 0 ? true : undefined;
    await eventually("the switch's database answers", 10_000, answers);
    const bridge = ["add-br", "switch", "--", "set", "bridge", "switch", "datapath_type=netdev"];
    const trunk = ["add-port", "switch", link, `trunks=${vlan}`];
    const access = [
      "add-port",
      "switch",
      "nic",
      `tag=${vlan}`,
      "--",
      "set",
      "interface",
      "nic",
      "type=internal",
    ];
    await tool(...bridge, "--", ...trunk, "--", ...access, `mtu_request=${mtu}`);
    made.#start("ovs-vswitchd", [`--unixctl=${inFolder("vswitchd.ctl")}`, socket]);
    await eventually("the switch has its access port", 10_000, async () =>
      (await made.#run("ip", ["link", "show", "nic"])).code === 0 ? true : undefined,
    );
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.toReversed()) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #inside(program: string, args: readonly string[]): string[] {
    return [`--net=/run/netns/${this.#namespace}`, program, ...args];
  }

  #run(program: string, args: readonly string[]) {
    return run("nsenter", this.#inside(program, args));
  }

  async #done(program: string, args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#run(program, args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  }

  #start(program: string, args: readonly string[]): void {
    const env = {
      ...process.env,
      OVS_RUNDIR: this.#folder,
      OVS_LOGDIR: this.#folder,
      OVS_DBDIR: this.#folder,
    };
    this.#children.push(spawn("nsenter", this.#inside(program, args), { stdio: "ignore", env }));
  }
}
