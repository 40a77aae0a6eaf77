/**
 * A real nats-server with JetStream for one test: every write synced, as Weft wants it.
 * Writes its store into its own folder; listens on the loopback.
 * Buckets are left to whoever connects.
 */
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { freePorts } from "./free-ports.ts";
import { program } from "./program.ts";
import { ServerProcess } from "./server-process.ts";

export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly server: ServerProcess;
  /** Kills it and starts it on the same port and, unless `emptyStore`, on the same store. */
  restart(o?: { readonly emptyStore?: boolean }): Promise<void>;
}

/**
 * `program`: another server than the one that Weft would take, e.g. one that is too old. `untold`: what nobody may subscribe to.
 */
export async function startNats(
  o: { readonly program?: string; readonly untold?: readonly string[] } = {},
): Promise<NatsServer> {
  const file = o.program ?? program("nats-server", "2.12");
  const [port = 0] = await freePorts(1);
  let store = 0;
  const server = await ServerProcess.start({
    name: "nats",
    command: (folder) => [
      file,
      "--config",
      configuration(folder, { port, store: `store-${store}`, untold: o.untold }),
    ],
    ready: async () => (await greeting(port)).includes('"jetstream":true'),
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    server,
    restart: async ({ emptyStore = false } = {}) => {
      await server.down();
      if (emptyStore) store += 1;
      await server.up();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function configuration(
  folder: string,
  { port, store, untold = [] }: { port: number; store: string; untold?: readonly string[] | undefined },
): string {
  const file = path.join(folder, `${store}.conf`);
  if (existsSync(file)) return file;
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    `max_payload: 8MB`,
    `max_pending: 64MB`,
    `jetstream { store_dir: "${path.join(folder, store)}", sync_interval: always }`,
    ...(untold.length > 0 ? whoMayNotHear(untold) : []),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Everybody is one and the same user without a password. */
function whoMayNotHear(untold: readonly string[]): string[] {
  const user = `{ user: all, password: all, permissions: { subscribe: { deny: ${JSON.stringify(untold)} } } }`;
  return [`authorization { users: [${user}] }`, `no_auth_user: all`];
}

/** The INFO line by which a server greets whoever connects. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(2_000, () => socket.destroy(new Error("no greeting")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("utf8"));
    });
  });
}
