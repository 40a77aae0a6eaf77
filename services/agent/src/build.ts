/** Builds the agent on the real things: the bus, this node's Open vSwitch, its drivers. Closes them in reverse. */
import { connectBus } from "@weft/bus";
import { createDockerDriver, createNamespaceDriver } from "@weft/drivers";
import type { Driver, DriverOptions } from "@weft/drivers";
import type { Service, ServiceContext } from "@weft/runtime";
import type { Runtime } from "@weft/schemas";
import type { AgentConfig } from "./config.ts";
import { openFabric } from "./fabric/ovs-fabric.ts";
import { whileMember } from "./membership.ts";
import { realizedEvents } from "./realized-events.ts";
import { createAgent } from "./service.ts";
import { openUplinkSwitch } from "./uplink/uplink-switch.ts";

export function buildAgent(config: AgentConfig, { log, clock, metricsAt }: ServiceContext): Service {
  const open = new AsyncDisposableStack();
  return {
    name: "agent",
    async start() {
      const fabric = await openFabric({ remote: config.ovsdb, node: config.node });
      open.defer(() => fabric.close());
      const { ovsdb: remote, node, datapath } = config;
      const uplinkSwitch = await openUplinkSwitch({ remote, node, datapath });
      open.defer(() => uplinkSwitch.close());
      const bus = await connectBus({ url: config.natsUrl, name: `agent ${config.node}`, log });
      open.defer(() => bus.close());
      open.use(await bus.followEvents("realized", realizedEvents));
      const drivers = openDrivers(config);
      for (const driver of drivers.values()) open.defer(() => driver.close());
      const [placements, slots, realized, shims, nodes, access] = await Promise.all([
        bus.view("placements"),
        bus.view("slots"),
        bus.view("realized"),
        bus.view("shims"),
        bus.view("nodes"),
        bus.view("access"),
      ]);
      const views = { placements, slots, realized, shims, nodes, access };
      const ports = { bus, views, fabric, uplinkSwitch, drivers, clock, log, metricsAt };
      const agent = whileMember(config, ports, () => createAgent(config, ports));
      open.defer(() => agent.stop());
      await agent.start();
    },
    stop: () => open.disposeAsync(),
  };
}

function openDrivers(config: AgentConfig): Map<Runtime, Driver> {
  const options: DriverOptions = {
    node: config.node,
    stateDir: config.stateDir,
    ...(config.lab === undefined ? {} : { lab: config.lab }),
  };
  const make: Readonly<Record<Runtime, () => Driver>> = {
    docker: () => createDockerDriver({ ...options, socketPath: config.dockerSocket }),
    namespace: () => createNamespaceDriver(options),
  };
  return new Map(config.runtimes.map((runtime) => [runtime, make[runtime]()]));
}
