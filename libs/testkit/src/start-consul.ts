/**
 * A real Consul server for one test, alone and without anybody outside.
 * Writes its data into its own folder; listens on the loopback.
 * Services and keys are left to whoever uses it.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { freePorts } from "./free-ports.ts";
import { program } from "./program.ts";
import { ServerProcess } from "./server-process.ts";

export interface ConsulServer extends AsyncDisposable {
  readonly url: string;
  readonly server: ServerProcess;
  /** Kills it and starts it on the same ports and, unless `emptyData`, on the same data. */
  restart(o?: { readonly emptyData?: boolean }): Promise<void>;
}

export async function startConsul(): Promise<ConsulServer> {
  const file = program("consul", "1.8");
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  const url = `http://127.0.0.1:${http}`;
  let data = 0;
  const server = await ServerProcess.start({
    name: "consul",
    command: (folder) => {
      const config = path.join(folder, "consul.json");
      writeFileSync(
        config,
        JSON.stringify(configuration(path.join(folder, `data-${data}`), { http, rpc, serf })),
      );
      return [file, "agent", `-config-file=${config}`];
    },
    ready: () => isReady(url),
  });
  return {
    url,
    server,
    restart: async ({ emptyData = false } = {}) => {
      await server.down();
      if (emptyData) data += 1;
      await server.up();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function configuration(dataFolder: string, { http, rpc, serf }: { http: number; rpc: number; serf: number }) {
  return {
    node_name: "weft-test",
    server: true,
    bootstrap_expect: 1,
    data_dir: dataFolder,
    bind_addr: "127.0.0.1",
    client_addr: "127.0.0.1",
    ports: { http, dns: -1, server: rpc, serf_lan: serf, serf_wan: -1, grpc: -1 },
    performance: { raft_multiplier: 1 },
    disable_update_check: true,
    disable_host_node_id: true,
    log_level: "WARN",
  };
}

/** There is a leader, and the node itself is in the catalog: before that no session can be made. */
async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/health/node/weft-test`, { signal: AbortSignal.timeout(2_000) });
  return answer.ok && (await answer.text()).includes("serfHealth");
}
