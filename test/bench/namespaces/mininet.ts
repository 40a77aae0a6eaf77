/**
 * Mininet's single,HOSTS on the bench's Open vSwitch, driven line by line (mininet-peer.py): Python and Mininet are loaded
 * before anything is timed.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import path from "node:path";
import { z } from "zod";
import { plainNamespace } from "./plain-switch.ts";
import type { PlainSwitch } from "./plain-switch.ts";

const Hosts = z.object({ pids: z.array(z.number()), first: z.string() });

export class Mininet implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  #hosts: z.infer<typeof Hosts> = { pids: [], first: "" };

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async load({ folder }: PlainSwitch, count: number): Promise<Mininet> {
    const inside = [`--net=/run/netns/${plainNamespace}`, "--", "env", `OVS_RUNDIR=${folder}`];
    // Debian's own Python has Mininet, whichever comes first on the PATH.
    const peer = ["/usr/bin/python3", path.join(import.meta.dirname, "mininet-peer.py"), `${count}`];
    const child = spawn("nsenter", [...inside, ...peer], { stdio: ["pipe", "pipe", "inherit"] });
    const mininet = new Mininet(child);
    await mininet.#answer();
    return mininet;
  }

  async up(): Promise<void> {
    this.#child.stdin.write("up\n");
    this.#hosts = Hosts.parse(await this.#answer());
  }

  namespaces(): string[] {
    return this.#hosts.pids.map((pid) => `/proc/${pid}/ns/net`);
  }

  get first(): string {
    return this.#hosts.first;
  }

  async down(): Promise<void> {
    this.#child.stdin.write("down\n");
    await this.#answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    while ((await this.#lines.next()).done !== true);
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("Mininet ended");
    return JSON.parse(value);
  }
}
