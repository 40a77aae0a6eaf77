/** Starts the intent service from its environment and runs it until it is told to stop. */
import { runService } from "@weft/runtime";
import { IntentConfig } from "./config.ts";
import { createIntentService } from "./service.ts";

await runService({
  name: "intent",
  config: IntentConfig,
  build: async (config, context) => createIntentService(config, context),
});
