export { createApp } from "./app.ts";
export { GatewayConfig } from "./config.ts";
export type { GuardOptions } from "./edge/guard.ts";
export type { GatewayPorts } from "./ports.ts";
export type { Gateway } from "./service.ts";
export { createGateway } from "./service.ts";
