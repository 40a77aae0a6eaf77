export { createAgent } from "./service.ts";
export { AgentConfig } from "./config.ts";
export type { AgentPorts, AgentViews, Fabric, FabricIdentity, FabricPort } from "./ports.ts";
