/** That the agent is there, for those who look for it: its place in Consul, and its log on the bus. */
import { serveLogs } from "@weft/bus";
import { registerService } from "@weft/consul";
import { holdingService } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { AgentConfig } from "./config.ts";
import type { AgentPorts } from "./ports.ts";

const name = "agent";
const ttlSeconds = 15;

export function presence(
  { node, nodeAddress: address, consulUrl: url }: AgentConfig,
  { bus, log, metricsAt }: Pick<AgentPorts, "bus" | "log" | "metricsAt">,
): Service {
  const id = `${name}-${node}`;
  return holdingService("presence", async (open) => {
    const meta = { node };
    const registration = await registerService({ url, name, id, address, meta, metricsAt, ttlSeconds, log });
    open.defer(() => registration.close());
    open.use(serveLogs(bus, name, log, id));
  });
}
