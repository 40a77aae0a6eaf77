/**
 * Where Node keeps what it has compiled of this checkout's sources. Half of the work of a program's start is to strip and compile them:
 * 0.87 s of a core for the agent, 0.38 s with it. What a node has to do again after a crash counts, since its silence passes for its loss.
 */
import { fileURLToPath } from "node:url";

/** Settings for the environment of each program; Node ignores a folder that it may not write. */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url)),
};
