/** Starts the gateway from its environment and runs it until it is told to stop. */
import { runService } from "@weft/runtime";
import { GatewayConfig } from "./config.ts";
import { createGateway } from "./service.ts";

await runService({ name: "gateway", config: GatewayConfig, build: createGateway });
