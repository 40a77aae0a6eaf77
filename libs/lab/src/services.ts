/**
 * Weft's own services as processes of the lab: one table of what runs where with which settings.
 * Each is `node services/<folder>/src/main.ts`; each validates its settings itself and refuses what it does not know.
 * Ready means that the gateway answers and knows every node as ready.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { NodeRow, WeftError } from "@weft/schemas";
import { z } from "zod";
import { compileCache } from "../../../setup/compile-cache.mjs";
import { dockerSocket } from "../../../setup/dockerd.mjs";
import { waitFor } from "./command.ts";
import { southboundTcp } from "./central.ts";
import { consulUrl } from "./consul.ts";
import { failureSettings } from "./failure-settings.ts";
import { clockSettings } from "./fault-aids.ts";
import type { Fleet, ProcessSpec } from "./fleet.ts";
import type { LabLayout, NodeLayout } from "./layout.ts";
import { controlAddress, gatewayAddress, metricsPorts, ports, underlayMtu } from "./layout.ts";
import { natsUrl } from "./nats.ts";
import type { Datapath } from "@weft/host";

/** Of each copy; the first is the one that everybody knows. */
export const gatewayUrls = [ports.gateway, ports["gateway-2"]].map(
  ({ port }) => `http://${gatewayAddress}:${port}`,
);
const checkout = path.resolve(import.meta.dirname, "../../..");

export interface ServicesStart {
  readonly lab: LabLayout;
  readonly nodes: readonly NodeLayout[];
  readonly datapath: Datapath;
  readonly token: string;
  readonly fleet: Fleet;
  readonly signal: AbortSignal;
}

/** Of the services that there are two copies of. */
type Folder = Exclude<keyof typeof metricsPorts, "agent" | `${string}-2`>;

interface ServiceRow {
  /** Folder under services/. */
  readonly folder: string;
  readonly name: string;
  readonly namespace?: string;
  readonly env: Readonly<Record<string, string>>;
}

function serviceTable({ lab, nodes, datapath }: ServicesStart): ServiceRow[] {
  const stitcher = {
    WEFT_NORTHBOUND: `unix:${lab.northboundSocket}`,
    WEFT_SOUTHBOUND: `unix:${lab.southboundSocket}`,
  };
  const gateway = {
    WEFT_GATEWAY_HOST: gatewayAddress,
    WEFT_TOKEN_FILE: lab.tokenFile,
    WEFT_JOIN_HOST: controlAddress,
    WEFT_JOIN_SOUTHBOUND: southboundTcp,
    WEFT_JOIN_UNDERLAY_MTU: String(underlayMtu),
  };
  return [
    ...copies("intent", {}),
    ...copies("scheduler", failureSettings("scheduler")),
    ...copies("network-stitcher", stitcher),
    ...copies("health", failureSettings("health")),
    ...copies("gateway", gateway).map((copy) => ({
      ...copy,
      env: { ...copy.env, ...gatewayPort(copy.name) },
    })),
    ...nodes.map((node) => ({
      folder: "agent",
      name: `${node.name}-agent`,
      namespace: node.namespace,
      env: agentSettings(node, datapath),
    })),
  ];
}

/** Two of each service: one of them may die or hang at any time. The first has the service's own name. */
function copies(folder: Folder, env: ServiceRow["env"]): ServiceRow[] {
  return ([folder, `${folder}-2`] as const).map((name) => ({
    folder,
    name,
    env: { ...env, ...metricsSettings(controlAddress, metricsPorts[name]) },
  }));
}

function metricsSettings(host: string, port: number): Record<string, string> {
  return { WEFT_METRICS_HOST: host, WEFT_METRICS_PORT: String(port) };
}

function gatewayPort(copy: string): Record<string, string> {
  return { WEFT_GATEWAY_PORT: String(ports[copy === "gateway" ? copy : "gateway-2"].port) };
}

function agentSettings(node: NodeLayout, datapath: Datapath): Record<string, string> {
  return {
    WEFT_NODE: node.name,
    WEFT_NODE_ADDRESS: node.address,
    WEFT_OVSDB: `unix:${node.ovsdbSocket}`,
    WEFT_VSWITCHD: node.vswitchdSocket,
    WEFT_STATE_DIR: node.agentFolder,
    WEFT_DATAPATH: datapath,
    WEFT_RUNTIMES: "docker,namespace",
    WEFT_DOCKER_SOCKET: dockerSocket,
    ...failureSettings("agent"),
    ...metricsSettings(node.address, metricsPorts.agent),
  };
}

/** Starts every service at once (each waits for what it needs) and resolves when all nodes are ready. */
export async function startServices(start: ServicesStart): Promise<void> {
  const { nodes, fleet, signal, token } = start;
  const rows = serviceTable(start);
  await Promise.all(rows.map((row) => fleet.start(processOf(row, start.lab))));
  const answers = async (url: string) => (await fetch(`${url}/readyz`)).ok;
  const bothAnswer = async () => (await Promise.all(gatewayUrls.map(answers))).every(Boolean);
  await waitFor("both gateways' /readyz", bothAnswer, {
    signal,
    timeoutMs: 60_000,
    explain: () => `The gateways' logs end:\n${fleet.logEnd("gateway")}\n${fleet.logEnd("gateway-2")}`,
  });
  let states = "";
  const allReady = async () => {
    const rows = await nodeRows(token);
    states = rows.map((row) => `${row.name} ${row.state}`).join(", ");
    return rows.filter((row) => row.state === "ready").length >= nodes.length;
  };
  const logs = ["health", `${nodes[0]?.name}-agent`];
  await waitFor("all nodes ready", allReady, {
    signal,
    timeoutMs: 60_000,
    explain: () =>
      [
        `The gateway says: ${states || "no node"}.`,
        ...logs.map((name) => `${name}:\n${fleet.logEnd(name, 4)}`),
      ].join("\n"),
  });
}

function processOf(row: ServiceRow, lab: LabLayout): ProcessSpec {
  const main = path.join(checkout, "services", row.folder, "src/main.ts");
  if (!existsSync(main)) throw new WeftError("unavailable", `The service ${row.folder} is missing: ${main}`);
  return {
    name: row.name,
    command: [process.execPath, main],
    ...(row.namespace === undefined ? {} : { namespace: row.namespace }),
    env: {
      ...compileCache,
      WEFT_NATS_URL: natsUrl,
      WEFT_CONSUL_URL: consulUrl,
      WEFT_LOG_LEVEL: "info",
      ...clockSettings(lab, row.name),
      ...row.env,
    },
  };
}

const NodeList = z.object({ items: z.array(NodeRow) });

async function nodeRows(token: string): Promise<NodeRow[]> {
  const answer = await fetch(`${gatewayUrls[0]}/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
  return NodeList.parse(await answer.json()).items;
}
