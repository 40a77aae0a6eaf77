/**
 * A machine that knows nothing of Weft: a network namespace with a small switch, whose cables are veth pairs that end in
 * lab nodes. Reaches others by its own stack alone. Everything goes when it is disposed of.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { run, top } from "./command-line.ts";
import { ManagedSwitch } from "./managed-switch.ts";

export interface Cabling {
  /** Where the cables end: the interface's name in the node's namespace. */
  readonly cables: readonly { readonly node: string; readonly interface: string }[];
  /** Tag of the machine's frames on the cable. */
  readonly vlan?: number;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

const mtu = 1400;
const nicAddress = "02:00:00:00:00:50";
/** Of an IEEE 802.1Q tag. */
const tagBytes = 4;
const traffic = join(top, "libs/lab/src/demo/traffic");

export class Machine implements AsyncDisposable {
  readonly #namespace: string;
  readonly #children: ChildProcess[] = [];
  #switch: ManagedSwitch | undefined;

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  static async cabled(namespace: string, cabling: Cabling): Promise<Machine> {
    const machine = new Machine(namespace);
    const { vlan, addresses, gateways } = cabling;
    await ip("netns", "add", namespace);
    const inside = (...args: string[]) => ip("-n", namespace, ...args);
    await inside("link", "set", "lo", "up");
    const ends = await machine.#plug(cabling.cables);
    const [trunk = ""] = ends;
    if (vlan !== undefined)
      machine.#switch = await ManagedSwitch.start(namespace, { link: trunk, vlan, mtu });
    else {
      // A bridge without an address of its own takes one of its ports', and another when that port goes.
      await inside("link", "add", "nic", "address", nicAddress, "mtu", String(mtu), "type", "bridge");
      for (const end of ends) await inside("link", "set", end, "master", "nic");
    }
    await machine.#stopChecksumOffload("nic");
    for (const address of addresses) await inside("address", "add", address, "dev", "nic", "nodad");
    await inside("link", "set", "nic", "up");
    for (const gateway of gateways) await inside("route", "add", "default", "via", gateway);
    return machine;
  }

  /** The near ends of the cables. */
  async #plug(cables: Cabling["cables"]): Promise<string[]> {
    const ends: string[] = [];
    for (const [nth, cable] of cables.entries()) {
      const end = `eth${nth}`;
      const node = `weft-${cable.node}`;
      const far = ["peer", "name", cable.interface, "mtu", String(mtu + tagBytes), "netns", node];
      await ip(
        "-n",
        this.#namespace,
        "link",
        "add",
        end,
        "mtu",
        String(mtu + tagBytes),
        "type",
        "veth",
        ...far,
      );
      await ip("-n", this.#namespace, "link", "set", end, "up");
      await ip("-n", node, "link", "set", cable.interface, "up");
      await this.#stopChecksumOffload(end);
      ends.push(end);
    }
    return ends;
  }

  /** A user-space switch passes on what a card would have filled in: see the lab's underlay. */
  async #stopChecksumOffload(link: string): Promise<void> {
    await done("nsenter", [`--net=/run/netns/${this.#namespace}`, "ethtool", "-K", link, "tx", "off"]);
  }

  listen(ports: readonly number[]): void {
    this.#children.push(this.#start("echo-server.ts", ports.map(String)));
  }

  async pings(host: string): Promise<boolean> {
    return (await this.#run("ping", ["-n", "-c", "1", "-W", "2", host])).code === 0;
  }

  /** Opens a connection and wants a line back. */
  async reaches(host: string, port: number): Promise<boolean> {
    const order = JSON.stringify({ op: "open", host, port, count: 1, timeoutMs: 1500 });
    const { stdout } = await this.#run(process.execPath, [join(traffic, "echo-client.ts")], `${order}\n`);
    const { done: opened } = JSON.parse(stdout.split("\n")[0] ?? "") as { done: number };
    return opened === 1;
  }

  /** Takes the cable to a node away, both its ends. */
  async unplug(node: string): Promise<void> {
    const { stdout } = await run("ip", ["-n", `weft-${node}`, "-o", "link", "show", "type", "veth"]);
    const [, link = ""] = /^\d+: (cable\d+)@/m.exec(stdout) ?? [];
    await ip("-n", `weft-${node}`, "link", "delete", link);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.#switch?.[Symbol.asyncDispose]();
    await run("ip", ["netns", "delete", this.#namespace]);
  }

  #run(program: string, args: readonly string[], stdin = "") {
    return run("nsenter", [`--net=/run/netns/${this.#namespace}`, program, ...args], stdin);
  }

  #start(script: string, args: readonly string[]): ChildProcess {
    const command = [`--net=/run/netns/${this.#namespace}`, process.execPath, join(traffic, script), ...args];
    return spawn("nsenter", command, { stdio: "ignore" });
  }
}

function ip(...args: string[]): Promise<void> {
  return done("ip", args);
}

async function done(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
