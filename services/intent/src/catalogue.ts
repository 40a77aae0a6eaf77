/** The functions' catalogue as admission needs it. */
import { checkFunctionConfig, functions } from "@weft/functions";
import type { Functions } from "./ports.ts";

export const catalogue: Functions = {
  known: [...functions.values()].map(({ name, runtimes, tracked }) => ({
    name,
    runtimes,
    replicates: tracked !== undefined,
  })),
  checkConfig: (name, config, networks) => checkFunctionConfig(name, config, { networks }),
  quickCheck: (name, config, networks) => functions.get(name)?.faults(config, { networks }) ?? [],
};
