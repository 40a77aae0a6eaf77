/**
 * The same namespaces by hand: one `ip -batch` and one OVSDB transaction to make them, the same to remove them.
 * No record, no name kept, nobody who would notice a fault: what the work costs at least.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { database, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import type { Uuid } from "@weft/ovsdb";
import { plainNamespace } from "./plain-switch.ts";
import type { PlainSwitch } from "./plain-switch.ts";

const db = database(OpenVswitch);
const bridge = "by-hand";
/** Links go by it all at once: one by one they take the kernel 4 s. */
const group = 200;
const nameOf = (index: number) => `hand-${index}`;
const addressOf = (index: number) => `10.60.${Math.floor(index / 200)}.${(index % 200) + 1}`;

export class ByHand implements AsyncDisposable {
  readonly #client: OvsdbClient;
  readonly #folder: string;
  readonly #count: number;
  #ports: readonly Uuid[] = [];
  readonly first = addressOf(0);

  private constructor(client: OvsdbClient, folder: string, count: number) {
    this.#client = client;
    this.#folder = folder;
    this.#count = count;
  }

  /** With an empty bridge, as Weft's node has one. */
  static async on({ remote, folder }: PlainSwitch, count: number): Promise<ByHand> {
    const client = await OvsdbClient.connect({ remote });
    const local = { name: bridge };
    await client.transact(OpenVswitch, [
      db.insert("Interface", { ...local, type: "internal" }, "interface"),
      db.insert("Port", { ...local, interfaces: [{ named: "interface" }] }, "port"),
      db.insert("Bridge", { ...local, datapath_type: "netdev", ports: [{ named: "port" }] }, "bridge"),
      db.mutate("Open_vSwitch", [], [["bridges", "insert", [{ named: "bridge" }]]]),
    ]);
    return new ByHand(client, folder, count);
  }

  namespaces(): string[] {
    return this.#names().map((name) => `/run/netns/${name}`);
  }

  async up(): Promise<void> {
    await ipBatch(
      this.#names().flatMap((name, index) => {
        const inside = path.join(this.#folder, `${name}.ip`);
        writeFileSync(
          inside,
          `address add ${addressOf(index)}/16 dev eth0\nlink set eth0 up\nlink set lo up\n`,
        );
        return [
          `netns add ${name}`,
          `link add ${name} group ${group} type veth peer name eth0 netns ${name}`,
          `link set ${name} up`,
          `netns exec ${name} ip -batch ${inside}`,
        ];
      }),
    );
    const names = this.#names();
    const made = await this.#client.transact(OpenVswitch, [
      ...names.flatMap((name, index) => [
        db.insert("Interface", { name }, `interface${index}`),
        db.insert("Port", { name, interfaces: [{ named: `interface${index}` }] }, `port${index}`),
      ]),
      db.mutate(
        "Bridge",
        [["name", "==", bridge]],
        [["ports", "insert", names.map((_, index) => ({ named: `port${index}` }))]],
      ),
    ]);
    this.#ports = names.flatMap((_, index) => made[2 * index + 1]?.uuid ?? []);
  }

  async down(): Promise<void> {
    await this.#client.transact(OpenVswitch, [
      db.mutate("Bridge", [["name", "==", bridge]], [["ports", "delete", this.#ports]]),
    ]);
    await ipBatch([`link delete group ${group}`, ...this.#names().map((name) => `netns delete ${name}`)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  #names(): string[] {
    return Array.from({ length: this.#count }, (_, index) => nameOf(index));
  }
}

/** In the bench's namespace: host ends of the links belong to its switch. */
function ipBatch(lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const batch = ["nsenter", `--net=/run/netns/${plainNamespace}`, "ip", "-batch", "-"];
    const [file = "", ...args] = batch;
    const child = execFile(file, args, (error) => (error === null ? resolve() : reject(error)));
    child.stdin?.end(`${lines.join("\n")}\n`);
  });
}
