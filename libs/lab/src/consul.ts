/**
 * The lab's Consul: one server with one data folder, for discovery, health checks and the election of leaders.
 * Writes its configuration into the lab's folder; asks nobody outside (no update check, no WAN gossip).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { findProgramAtLeast } from "../../../setup/programs.mjs";
import type { ProcessSpec } from "./fleet.ts";
import type { LabLayout } from "./layout.ts";
import { controlAddress, ports } from "./layout.ts";

const oldestVersion = "1.8";
export const consulUrl = `http://${controlAddress}:${ports.consul.port}`;

export function consulProcess(lab: LabLayout): ProcessSpec {
  const program = findProgramAtLeast("consul", oldestVersion);
  if (program === undefined)
    throw new WeftError("unavailable", `There is no consul >= ${oldestVersion} here: see \`weft doctor\`.`);
  mkdirSync(lab.consulFolder, { recursive: true });
  const configuration = path.join(lab.consulFolder, "consul.json");
  writeFileSync(configuration, JSON.stringify(configurationOf(lab), null, 2));
  return {
    name: "consul",
    command: [program.file, "agent", `-config-file=${configuration}`],
    ready: hasLeader,
  };
}

function configurationOf(lab: LabLayout) {
  return {
    node_name: "weft-lab",
    datacenter: "lab",
    server: true,
    bootstrap_expect: 1,
    data_dir: path.join(lab.consulFolder, "data"),
    bind_addr: controlAddress,
    client_addr: `127.0.0.1 ${controlAddress}`,
    ports: {
      http: ports.consul.port,
      dns: ports["consul-dns"].port,
      server: ports["consul-rpc"].port,
      serf_lan: ports["consul-serf"].port,
      serf_wan: -1,
      grpc: -1,
    },
    // The default of 5 makes the first election take seconds, for the sake of slow machines far apart.
    performance: { raft_multiplier: 1 },
    disable_update_check: true,
    disable_host_node_id: true,
    // Shards come and go by the second; what Consul answers must not be older.
    dns_config: { service_ttl: { "*": "0s" } },
    log_level: "WARN",
  };
}

async function hasLeader(): Promise<boolean> {
  const answer = await fetch(`${consulUrl}/v1/status/leader`, { signal: AbortSignal.timeout(2_000) });
  return answer.ok && /\d/.test(await answer.text());
}
