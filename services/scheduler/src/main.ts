/** Starts the scheduler from its environment and runs it until it is told to stop. */
import { runService } from "@weft/runtime";
import { SchedulerConfig } from "./config.ts";
import { createScheduler } from "./service.ts";

await runService({
  name: "scheduler",
  config: SchedulerConfig,
  build: async (config, context) => createScheduler(config, context),
});
