/** Starts the agent from its environment and runs it until it is told to stop. What it runs stays when it stops. */
import { runService } from "@weft/runtime";
import { buildAgent } from "./build.ts";
import { AgentConfig } from "./config.ts";

await runService({
  name: "agent",
  config: AgentConfig,
  build: async (config, context) => buildAgent(config, context),
});
