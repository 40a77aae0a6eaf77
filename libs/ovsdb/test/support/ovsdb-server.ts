/**
 * A real ovsdb-server for one test: its own folder, a unix socket, a free port on loopback, no root.
 * Starts ovsdb-tool and ovsdb-server, stops only what it started; `await using` removes the folder too.
 * What goes over its sockets is left to the tests.
 */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Identity } from "./authority.ts";

const run = promisify(execFile);
const startDeadlineMs = 10_000;
const pollMs = 5;
const portLine = /listening on port (\d+)/;

export interface ServerOptions {
  /** One of the project's, or the path of a file. */
  readonly schema: "ovn-northbound" | "ovn-southbound" | "open-vswitch" | `/${string}`;
  /** One member of a cluster of one: the kind of database that keeps a history, so that monitor_cond_since can resume. */
  readonly clustered?: boolean;
  /** The port then speaks TLS with these, and wants a certificate of its clients. */
  readonly tls?: Identity;
}

export class OvsdbServer implements AsyncDisposable {
  readonly folder: string;
  readonly #tls: Identity | undefined;
  #process: ChildProcess | undefined;
  #port = 0;

  private constructor(folder: string, tls: Identity | undefined) {
    this.folder = folder;
    this.#tls = tls;
  }

  static async start(options: ServerOptions): Promise<OvsdbServer> {
    const folder = await mkdtemp(join(tmpdir(), "ovsdb-"));
    const server = new OvsdbServer(folder, options.tls);
    const schema = schemaFile(options.schema);
    const create = options.clustered === true ? ["create-cluster"] : ["create"];
    const peer = options.clustered === true ? [`unix:${folder}/raft.sock`] : [];
    try {
      await run("ovsdb-tool", [...create, join(folder, "db"), schema, ...peer]);
      await server.up();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw missing(error) ? new Error("ovsdb-server is missing: apt install openvswitch-switch") : error;
    }
    return server;
  }

  get unix(): string {
    return `unix:${join(this.folder, "db.sock")}`;
  }

  get tcp(): string {
    return `tcp:127.0.0.1:${this.#port}`;
  }

  get ssl(): string {
    return `ssl:127.0.0.1:${this.#port}`;
  }

  /** Starts it on the database file that is there, on the same port as before. */
  async up(): Promise<void> {
    const child = spawn(
      "ovsdb-server",
      [
        `--remote=p${this.unix}`,
        ...(this.#tls === undefined
          ? [`--remote=ptcp:${this.#port}:127.0.0.1`]
          : [`--remote=pssl:${this.#port}:127.0.0.1`, ...flagsOf(this.#tls)]),
        `--unixctl=${join(this.folder, "ctl")}`,
        "--no-chdir",
        "-vconsole:info",
        "-vsyslog:off",
        join(this.folder, "db"),
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#process = child;
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
    const failed = once(child, "exit").then(() => Promise.reject(new Error(`ovsdb-server ended: ${said}`)));
    await Promise.race([failed, this.#answering(() => said)]);
    failed.catch(() => undefined);
  }

  /** The port is told in the log when it was the server's choice; after a restart it is known. */
  async #answering(said: () => string): Promise<void> {
    const deadline = Date.now() + startDeadlineMs;
    while (Date.now() < deadline) {
      this.#port ||= Number(portLine.exec(said())?.[1] ?? 0);
      if (this.#port > 0 && (await accepts(this.#port))) {
        return;
      }
      await delay(pollMs);
    }
    throw new Error(`ovsdb-server accepts nothing after ${startDeadlineMs} ms: ${said()}`);
  }

  /** Ends it the hard way, as a crash would. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** Stops and continues the process: a peer that is there and says nothing. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function flagsOf(tls: Identity): readonly string[] {
  return [`--ca-cert=${tls.ca.file}`, `--certificate=${tls.cert.file}`, `--private-key=${tls.key.file}`];
}

function schemaFile(schema: string): string {
  if (schema.startsWith("/")) {
    return schema;
  }
  return fileURLToPath(new URL(`../../schemas/${schema}.ovsschema`, import.meta.url));
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: "127.0.0.1" });
  socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function missing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
