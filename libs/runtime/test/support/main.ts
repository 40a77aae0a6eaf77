/** A service as small as can be, for run-service.test.ts to start as a process. WEFT_MODE says how it fares. */
import { z } from "zod";
import { runService } from "../../src/index.ts";

const Config = z.strictObject({
  mode: z.enum(["good", "failsToStart", "neverStarts", "crashes"]),
  other: z.string().optional(),
});

await runService({
  name: "small",
  config: Config,
  build: async ({ mode }, { log }) => ({
    name: "small",
    start: async () => {
      setInterval(() => undefined, 1_000);
      if (mode === "failsToStart") throw new Error("cannot start");
      if (mode === "neverStarts") {
        log.info("starting for ever");
        await new Promise(() => undefined);
      }
      if (mode === "crashes") setImmediate(() => void Promise.reject(new Error("nobody catches this")));
    },
    stop: async () => log.info("is stopping"),
  }),
});
