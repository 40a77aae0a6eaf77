/** Starts the network-stitcher from its environment and runs it until it is told to stop. */
import { runService } from "@weft/runtime";
import { StitcherConfig } from "./config.ts";
import { createStitcher } from "./service.ts";

await runService({
  name: "network-stitcher",
  config: StitcherConfig,
  build: async (config, context) => createStitcher(config, context),
});
