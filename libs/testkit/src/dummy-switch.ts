/**
 * A real ovs-vswitchd with a datapath of its own in memory, as Open vSwitch's own tests run it: packets are handed to a port as flows,
 * and what leaves a port is kept in a file. No interface of the machine is touched.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { program } from "./program.ts";
import { ServerProcess } from "./server-process.ts";
import { startOvsdb } from "./start-ovsdb.ts";
import type { OvsdbServer } from "./start-ovsdb.ts";

const run = promisify(execFile);
const pcapHeaderBytes = 24;
const pcapRecordBytes = 16;
/** Of a TCP header over IPv4 without options. */
const sourceAddressAt = 14 + 12;
const sourcePortAt = 14 + 20;

export interface TcpPacket {
  readonly ethDst: string;
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
}

export class DummySwitch implements AsyncDisposable {
  readonly database: OvsdbServer;
  readonly #process: ServerProcess;
  /** Its control socket, as ovs-appctl takes it. */
  readonly control: string;

  private constructor(database: OvsdbServer, process: ServerProcess) {
    this.database = database;
    this.#process = process;
    this.control = path.join(process.folder, "vswitchd.ctl");
  }

  static async start(): Promise<DummySwitch> {
    const database = await startOvsdb({ schema: "open-vswitch" });
    const vswitchd = await ServerProcess.start({
      name: "vswitchd",
      command: (folder) => [
        "env",
        `OVS_RUNDIR=${folder}`,
        program("ovs-vswitchd"),
        "--enable-dummy=override",
        `--unixctl=${path.join(folder, "vswitchd.ctl")}`,
        "-vconsole:warn",
        "-vsyslog:off",
        database.unix,
      ],
      ready: async ({ folder }) => {
        await run("ovs-appctl", ["-t", path.join(folder, "vswitchd.ctl"), "version"]);
        await run("ovs-vsctl", [`--db=${database.unix}`, "--no-wait", "init"]);
        return true;
      },
    });
    return new DummySwitch(database, vswitchd);
  }

  get folder(): string {
    return this.#process.folder;
  }

  /** Waits until the switch has done what it says. */
  async vsctl(...args: readonly string[]): Promise<string> {
    return (await run("ovs-vsctl", [`--db=${this.database.unix}`, "--timeout=10", ...args])).stdout;
  }

  async ofctl(...args: readonly string[]): Promise<void> {
    await run("ovs-ofctl", ["-O", "OpenFlow15", ...args], {
      env: { ...process.env, OVS_RUNDIR: this.folder },
    });
  }

  /** Arguments of ovs-vsctl for a port whose packets are kept. */
  kept(bridge: string, port: string, ...settings: readonly string[]): string[] {
    return dummyPort(bridge, port, `options:tx_pcap=${path.join(this.folder, port)}`, ...settings);
  }

  async appctl(...args: readonly string[]): Promise<string> {
    return (await run("ovs-appctl", ["-t", this.control, ...args])).stdout;
  }

  async receive(port: string, packets: readonly TcpPacket[]): Promise<void> {
    await this.appctl("netdev-dummy/receive", port, ...packets.map(flowOf));
  }

  /** The flows whose packets left by the port so far, as "address port" of the client. */
  left(port: string): string[] {
    const file = readFileSync(path.join(this.folder, port));
    const flows: string[] = [];
    for (let at = pcapHeaderBytes; at + pcapRecordBytes <= file.length;) {
      const length = file.readUInt32LE(at + 8);
      const packet = file.subarray(at + pcapRecordBytes, at + pcapRecordBytes + length);
      const isTcp =
        packet.length > sourcePortAt + 2 && packet.readUInt16BE(12) === 0x0800 && packet[23] === 6;
      if (isTcp)
        flows.push(
          `${packet.subarray(sourceAddressAt, sourceAddressAt + 4).join(".")} ${packet.readUInt16BE(sourcePortAt)}`,
        );
      at += pcapRecordBytes + length;
    }
    return flows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

/** Arguments of ovs-vsctl for a bridge that does nothing but what its flows say. */
export function dummyBridge(bridge: string, ...settings: readonly string[]): string[] {
  const own = ["datapath_type=dummy", "fail_mode=secure", ...settings];
  return ["--", "add-br", bridge, "--", "set", "bridge", bridge, ...own];
}

/** Likewise for a port that packets are handed to. */
export function dummyPort(bridge: string, port: string, ...settings: readonly string[]): string[] {
  return ["--", "add-port", bridge, port, "--", "set", "interface", port, "type=dummy", ...settings];
}

function flowOf({ ethDst, client, clientPort, server }: TcpPacket): string {
  const ethernet = `eth(src=0a:00:00:00:00:01,dst=${ethDst}),eth_type(0x0800)`;
  const ip = `ipv4(src=${client},dst=${server},proto=6,tos=0,ttl=64,frag=no)`;
  return `in_port(1),${ethernet},${ip},tcp(src=${clientPort},dst=5201),tcp_flags(syn)`;
}
