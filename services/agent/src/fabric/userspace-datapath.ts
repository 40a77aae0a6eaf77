/** What a datapath in user space needs of its node; the kernel's does it by itself. */
import type { Service } from "@weft/runtime";
import type { AgentConfig } from "../config.ts";
import type { AgentPorts } from "../ports.ts";
import { changesWrongMegaflows, keepMegaflowsTrue } from "./true-megaflows.ts";
import { keepTunnelNeighbours } from "./tunnel-neighbours.ts";

export function userspaceDatapath(config: AgentConfig, ports: AgentPorts): Service[] {
  if (config.datapath !== "netdev") return [];
  const { node, ovsdb: remote, vswitchd: control } = config;
  const { views, fabric, clock, log } = ports;
  const mixesUp = changesWrongMegaflows(fabric.identity().ovsVersion);
  return [
    keepTunnelNeighbours(node, views.nodes, ports),
    ...(mixesUp ? [keepMegaflowsTrue({ remote, control, clock, log })] : []),
  ];
}
