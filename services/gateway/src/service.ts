/**
 * gateway: REST and WebSockets at the edge. Reads every bucket and writes none: changes it asks of the intent service.
 * Statuses are told by libs/decide (status); sessions go to the agent that owns the thing.
 */
import type { AddressInfo } from "node:net";
import { connectBus, serveLogs } from "@weft/bus";
import type { Bus } from "@weft/bus";
import { registerService } from "@weft/consul";
import type { Registration } from "@weft/consul";
import type { Clock, Log, Service, ServiceContext } from "@weft/runtime";
import { metrics } from "@weft/runtime";
import type { NodeSettings } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import { createApp } from "./app.ts";
import { accessPort } from "./bus/access-requests.ts";
import { agentSessions } from "./bus/agent-sessions.ts";
import { eventLog } from "./bus/event-log.ts";
import { intentRequests } from "./bus/intent-requests.ts";
import type { Records } from "./bus/records.ts";
import { openRecords } from "./bus/records.ts";
import { servicesPort } from "./bus/services.ts";
import { followLoads } from "./bus/shard-loads.ts";
import type { FollowedLoads } from "./bus/shard-loads.ts";
import type { GatewayConfig } from "./config.ts";
import { JoinListeners } from "./edge/listen.ts";
import { readToken } from "./edge/token.ts";
import type { GatewayPorts } from "./ports.ts";

const aliveMs = 1000;
const ttlSeconds = 15;

export interface Gateway extends Service {
  /** Where it listens, once started. */
  readonly url: string;
}

export async function createGateway(
  config: GatewayConfig,
  { log, clock, metricsAt }: ServiceContext,
): Promise<Gateway> {
  const { gatewayHost: host, gatewayPort, gatewayNames: names, joinHost: joinHosts } = config;
  const joining = new JoinListeners();
  const token = readToken(config.tokenFile);
  const bus = await connectBus({ url: config.natsUrl, name: "gateway", log });
  const records = await openRecords(bus);
  const loads = followLoads(bus, { clock, log });
  const app = await createApp(portsOf(bus, { config, records, loads, log, clock }), {
    token,
    host,
    names,
    port: () => portOf(app),
    joinHosts,
    cameToJoin: (socket) => joining.has(socket),
  });
  const logs = serveLogs(bus, "gateway", log);
  let registration: Registration | undefined;
  return {
    name: "gateway",
    get url() {
      return `http://${host.includes(":") ? `[${host}]` : host}:${portOf(app)}`;
    },
    start: async () => {
      await app.listen({ host, port: gatewayPort });
      const port = portOf(app);
      await joining.listen(app, joinHosts, port);
      registration = await registerService({
        url: config.consulUrl,
        name: "gateway",
        id: `gateway-${host}-${port}`.replaceAll(/[^A-Za-z0-9-]/g, "-"),
        address: host,
        port,
        metricsAt,
        ttlSeconds,
        log,
      });
    },
    stop: async () => {
      await registration?.close();
      await app.close();
      await joining.close();
      logs[Symbol.dispose]();
      loads[Symbol.dispose]();
      await records.close();
      await bus.close();
    },
  };
}

interface PortParts {
  readonly config: GatewayConfig;
  readonly records: Records;
  readonly loads: FollowedLoads;
  readonly log: Log;
  readonly clock: Clock;
}

function portsOf(bus: Bus, { config, records, loads, log, clock }: PortParts): GatewayPorts {
  return {
    records,
    loads,
    intent: intentRequests(bus),
    access: accessPort(bus),
    nodeSettings: nodeSettings(config),
    events: eventLog(bus.connection),
    sessions: agentSessions(bus),
    services: servicesPort(bus, config.consulUrl),
    metrics: () => metrics.metrics(),
    alive: () => answers(bus),
    awake: () => bus.awake(),
    now: () => clock.now(),
    log,
  };
}

function nodeSettings(config: GatewayConfig): NodeSettings | undefined {
  const { joinSouthbound: southbound, joinUnderlayMtu: underlayMtu } = config;
  if (southbound === undefined) return undefined;
  const { joinNats: nats = config.natsUrl, joinConsul: consul = config.consulUrl } = config;
  return { nats, consul, southbound, tunnel: "geneve", underlayMtu };
}

/** A round trip to the server: a connection that hangs does not count. */
function answers({ connection }: Bus): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${aliveMs} ms`)), aliveMs);
    connection
      .flush()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

function portOf(app: FastifyInstance): number {
  const address: string | AddressInfo | null = app.server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
