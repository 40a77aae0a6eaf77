/**
 * A second machine, as far as one kernel allows: /etc, /var and /run of its own, its own network, pids and mounts, and a
 * cable to the lab's underlay. Nothing runs in it but what the test starts; it ends with all that it runs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, run, top } from "./command-line.ts";
import type { Outcome } from "./command-line.ts";

const namespace = "second-host";
const underlay = "weft-underlay";
const mtu = 9000;

/** $1: an empty folder. Overlays keep the machine's own /etc and /var as they are. */
const begin = `
mount -t tmpfs tmpfs "$1"
for each in etc var; do
  mkdir -p "$1/$each/upper" "$1/$each/work"
  mount -t overlay overlay -o "lowerdir=/$each,upperdir=$1/$each/upper,workdir=$1/$each/work" "/$each"
done
rm -rf /var/lib/openvswitch/* /etc/openvswitch/conf.db /etc/openvswitch/system-id.conf /etc/weft /var/lib/weft
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
mount -t proc proc /proc
echo ready
exec sleep infinity
`;

/** $1: the address. kill -1 spares the first process and the shell that says it. */
const reboot = `
kill -9 -1
umount -l /run
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
ip address replace "$1" dev uplink
`;

export class SecondHost implements AsyncDisposable {
  readonly address: string;
  readonly #child: ReturnType<typeof spawn>;
  readonly #folder: string;

  private constructor(address: string, child: ReturnType<typeof spawn>, folder: string) {
    this.address = address;
    this.#child = child;
    this.#folder = folder;
  }

  /** Wired to the lab that is up, with an address of the underlay on its link `uplink`. */
  static async start(address: string): Promise<SecondHost> {
    await done("ip", "netns", "add", namespace);
    const here = `name uplink mtu ${mtu} netns ${namespace}`;
    const there = `name ${namespace} mtu ${mtu} netns ${underlay}`;
    await done("ip", "link", "add", ...`${here} type veth peer ${there}`.split(" "));
    await done("ip", "-n", underlay, "link", "set", namespace, "master", "br0", "up");
    for (const link of ["lo", "uplink"]) await done("ip", "-n", namespace, "link", "set", link, "up");
    await done("ip", "-n", namespace, "address", "add", `${address}/24`, "dev", "uplink");
    // As in the lab: a frame whose checksum was left to a device that does not exist is dropped at the far end.
    await done("nsenter", `--net=/run/netns/${namespace}`, "ethtool", "-K", "uplink", "tx", "off");
    await done("nsenter", `--net=/run/netns/${underlay}`, "ethtool", "-K", namespace, "tx", "off");
    const folder = mkdtempSync(path.join(tmpdir(), "weft-second-"));
    const own = "--mount --pid --uts --fork --kill-child --propagation private".split(" ");
    const enter = [`--net=/run/netns/${namespace}`, "unshare", ...own, "sh", "-ec", begin, "sh", folder];
    const child = spawn("nsenter", enter, { stdio: ["ignore", "pipe", "inherit"] });
    const host = new SecondHost(address, child, folder);
    await eventually("the second host runs", 10_000, async () =>
      (await host.inside("true")).code === 0 ? true : undefined,
    );
    return host;
  }

  /** Runs a program in it to its end. */
  async inside(...command: string[]): Promise<Outcome> {
    const pid = await this.#firstProcess();
    if (pid === undefined) return { code: -1, stdout: "", stderr: "not there yet" };
    const enter = ["--target", pid, "--mount", "--net", "--pid", "--uts", "--wd=/", "--", ...command];
    return run("nsenter", enter);
  }

  weft(...args: string[]): Promise<Outcome> {
    return this.inside(process.execPath, path.join(top, "libs/cli/bin/weft.mjs"), ...args);
  }

  /** All processes end, /run is empty, and the system's own settings put the address back on the link. */
  async reboot(): Promise<void> {
    const { stderr, code } = await this.inside("sh", "-ec", reboot, "sh", `${this.address}/24`);
    if (code !== 0) throw new Error(`reboot: ${stderr}`);
  }

  /** Names of the bridges of its Open vSwitch; none when that does not run. */
  async bridges(): Promise<string[]> {
    const { code, stdout } = await this.inside("ovs-vsctl", "--timeout=2", "list-br");
    return code === 0 ? stdout.split("\n").filter((name) => name !== "") : [];
  }

  /** As if its power failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const pid = await this.#firstProcess();
      if (pid !== undefined) process.kill(Number(pid), "SIGKILL");
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    await run("ip", ["netns", "delete", namespace]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The one that all others in it descend from: the child of unshare. */
  async #firstProcess(): Promise<string | undefined> {
    const { stdout } = await run("ps", ["-o", "pid=,comm=", "--ppid", `${this.#child.pid}`]);
    return /^\s*(\d+)\s+sleep/m.exec(stdout)?.[1];
  }
}

async function done(...command: string[]): Promise<void> {
  const [program = "", ...args] = command;
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
