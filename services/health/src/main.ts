/** Starts health from its environment and runs it until it is told to stop. */
import { runService } from "@weft/runtime";
import { HealthConfig } from "./config.ts";
import { createHealth } from "./service.ts";

await runService({
  name: "health",
  config: HealthConfig,
  build: async (config, context) => createHealth(config, context),
});
